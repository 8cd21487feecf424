// <tessera-product>: what this product, in this variant and quantity, earns. Its text is its own content, so that a
// server may have drawn it; then nothing is asked until something changes. Its look is the page's: page/product.css.
const NAMES = 'product-id variant-id price quantity currency tags collections vendor'.split(' ');

/** What the server is asked. @param {Element} host */
export const query = (host) =>
  'product?' + NAMES.map((name) => `${name}=${encodeURIComponent(host.getAttribute(name) || '')}&`).join('');

/** @param {any} answer */
export const points = (answer) => answer?.text && (answer.note ? answer.text + ' · ' + answer.note : answer.text);

/** @type {import('./types').Code} */
export default (host, [ask, emit, live, , , write]) => {
  const form = /** @type {HTMLFormElement} */ (document.querySelector(host.getAttribute('for') + ''));

  /** Take variant, price and quantity from the form. */
  const read = () => {
    const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector('[data-price]:checked'));
    if (chosen) host.setAttribute('variant-id', chosen.value);
    if (chosen) host.setAttribute('price', chosen.dataset.price + '');
    host.setAttribute('quantity', form.quantity?.value || 1);
  };
  const drawn = host.textContent.trim();
  if (form) {
    form.addEventListener('input', read);
    form.addEventListener('change', read); // steppers of themes tell no more than that
    if (!drawn) read();
  }
  return live(
    host,
    NAMES,
    async (current) => {
      const answer = await ask(host, query(host), {});
      if (!current()) return;
      write(host, points(answer));
      if (answer) emit(host, 'points', answer);
    },
    drawn,
  );
};
