// Comfort of the shop's own. Every page works without it.

/** A form that is sent as soon as something in it changes. */
document.addEventListener('change', (event) => {
  const form = event.target.form;
  if (form?.matches('[data-auto]')) form.requestSubmit();
});

/** Plus and minus beside a quantity. */
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-step]');
  if (!button) return;
  const input = button.parentElement.querySelector('input');
  if (button.dataset.step > 0) input.stepUp();
  else input.stepDown();
  for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind, { bubbles: true }));
});

/** The price of the chosen variant. */
const shown = document.querySelector('[data-price-now]');
document.querySelector('#buy')?.addEventListener('input', ({ currentTarget }) => {
  shown.textContent = currentTarget.querySelector('[data-shown]:checked').dataset.shown;
});

/** The history, when points move while the account is open. */
let balances = 0;
document.addEventListener('tessera:balance', async () => {
  const history = document.querySelector('#history');
  if (!history || ++balances < 2) return;
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  history.replaceWith(page.querySelector('#history'));
});

/** What is sent to the shop from a script, with the token of the page. */
const send = (path, fields) => {
  const body = new FormData();
  body.set('form_token', document.querySelector('#form').content.firstElementChild.value);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return fetch(document.querySelector('[data-test=cart]').href + path, { method: 'POST', body });
};

/** A code of the points programme: put into the cart, and the cart shown anew where it is on the page. */
document.addEventListener('tessera:apply', async (event) => {
  event.preventDefault();
  const { code, done } = event.detail;
  try {
    const answer = await send('/code', { code });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    done(answer.ok && !page.querySelector('.code .wrong'));
    if (document.querySelector('.code')) location.reload();
  } catch {
    done(false);
  }
});

/** The code of the friend who sent this shopper: the order will say it. */
document.addEventListener('tessera:referral', ({ detail }) => {
  if (detail.code && detail.code !== document.documentElement.dataset.friend) send('/friend', { code: detail.code });
});

/** The arm of an experiment that this browser is in: the order will say it. */
document.addEventListener('tessera:arm', ({ detail }) => {
  if (detail.value !== document.documentElement.dataset.arm) send('/arm', { arm: detail.value });
});
