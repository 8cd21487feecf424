// <tessera-product>: what this product, in this variant and quantity, earns.

const EARN = { en: 'Earn', fi: 'Ansaitset', fr: 'Gagnez', ro: 'Câștigi', ru: 'Вы получите', sk: 'Získate' };

const CSS =
  ':host{display:block;min-height:2em;line-height:1.5}' +
  'p{display:flex;gap:.5em;width:fit-content;margin:0;padding:.25em .8em;border-radius:var(--tessera-radius,1em);' +
  'background:var(--tessera-background,#8882);color:var(--tessera-color);white-space:nowrap}' +
  'p:empty{visibility:hidden}' +
  'p:before{content:"";width:.4em;height:.4em;margin:.35em .6em 0 0;' +
  'color:var(--tessera-accent,#c8643c);background:currentColor;' +
  'box-shadow:0 .5em,.5em .5em,.6em -.1em}';

const NAMES = 'product-id variant-id price quantity currency tags collections vendor'.split(' ');

/** @type {import('./types').Code} */
export default (host, [shop, ask, count, emit, live, open, tell, words, write]) => {
  const line = open(host, CSS);
  const form = /** @type {HTMLFormElement} */ (document.querySelector(host.getAttribute('for') + ''));

  /** Take variant, price and quantity from the form. */
  const read = () => {
    const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector('[data-price]:checked'));
    if (chosen) host.setAttribute('variant-id', chosen.value);
    if (chosen) host.setAttribute('price', chosen.dataset.price + '');
    host.setAttribute('quantity', form.quantity?.value || 1);
  };
  if (form) {
    form.addEventListener('input', read);
    read();
  }
  live(host, NAMES, async (signal) => {
    const query = new URLSearchParams(
      NAMES.map((name) => [name.replace('-id', ''), host.getAttribute(name) || '']),
    );
    const answer = /^\d+\.?\d*$/.test(query.get('price') + '')
      ? await ask(`widget/v1/${shop}/product?${query}`, { signal })
      : tell('price must be like 19.99');
    const { points, about, text } = answer || {};
    write(line, points ? text || words(EARN) + (about ? ' ≈ ' : ' ') + count(points) : '');
    if (answer) emit(host, 'points', answer);
  });
};
