// <tessera-bar>: what the shop announces, the element's own content or the programme's, with the balance beside it.
// Who has closed an announcement is not shown it again; what is kept of it is a number made of its text.
import CSS from './bar.css';

const KEY = 'tessera-bar';

/** @param {string} text */
const sum = (text) => [...text].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) | 0, 7) + '';

/** @type {import('./types').Code} */
export default async (host, [ask, , live, open, , write]) => {
  const greet = (/** @type {HTMLElement} */ balance) =>
    live(host, ['token'], async (current) => {
      const me = await ask(host, 'me?', {}, 1);
      if (current()) write(balance, me?.text.available);
    });
  const drawn = host.querySelector('small');
  if (drawn) return greet(drawn); // the shop's server has drawn all of it, with tessera-bar.css, and closes it
  const line = open(host, CSS);
  const own = host.textContent?.trim();
  const told = own ? { text: own, close: host.getAttribute('close') } : (await ask(host, 'programme?', {}, 2))?.announcement;
  const shown = told && sum(told.text);
  const store = (/** @type {string[]} */ ...set) => {
    try {
      return set.length ? localStorage.setItem(KEY, shown) : localStorage.getItem(KEY);
    } catch {} // a browser that keeps nothing shows it again
  };
  if (!told || store() == shown) return host.toggleAttribute('closed', true);

  const text = line.appendChild(document.createElement(own ? 'slot' : told.link ? 'a' : 'span'));
  if (!own) text.textContent = told.text;
  if (told.link) text.setAttribute('href', told.link);
  const balance = document.createElement('small');
  line.after(balance);
  if (told.close) {
    const button = document.createElement('button');
    button.ariaLabel = told.close;
    button.textContent = '×';
    button.onclick = () => {
      store(shown);
      host.shadowRoot?.replaceChildren();
      host.toggleAttribute('closed', true);
      host.tabIndex = -1;
      host.focus(); // the keyboard goes on from here
    };
    balance.after(button);
  }
  greet(balance);
};
