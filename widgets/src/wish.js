// <tessera-wish>: the heart. The list is the shopper's own, on their own device; its name is the element's content.
import CSS from './wish.css';
import { did, wayOf } from './ways.js';

const KEY = 'tessera-wishes';
const MOST = 500;
const SVG = 'http://www.w3.org/2000/svg';

/** @type {string[]} */
let kept = [];

const read = () => {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) || '[]');
    if (Array.isArray(found)) kept = found.map(String);
  } catch {} // a browser that keeps nothing: for this page only
  return kept;
};

/** @type {import('./types').Code} */
export default (host, given) => {
  const [, emit, live, open, , write] = given;
  const button = /** @type {HTMLButtonElement} */ (open(host, CSS, 'button'));
  const said = document.createElement('p');
  said.role = 'status';
  const heart = document.createElementNS(SVG, 'svg');
  const path = heart.appendChild(document.createElementNS(SVG, 'path'));
  heart.setAttribute('viewBox', '0 0 24 24');
  path.setAttribute('d', 'M12 21C4 15 2 11 2 8a5 5 0 0 1 10-1 5 5 0 0 1 10 1c0 3-2 7-10 13z');
  button.append(heart, document.createElement('slot'));
  button.after(said);
  const id = () => host.getAttribute('product-id') + '';
  const draw = () => (button.ariaPressed = read().includes(id()) + '');

  button.onclick = async () => {
    const product = id();
    const wished = !read().includes(product);
    kept = wished ? [...kept, product].slice(-MOST) : kept.filter((one) => one != product);
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {}
    document.dispatchEvent(new Event('tessera:wishes'));
    emit(host, 'wish', { product, variant: host.getAttribute('variant-id'), wished, products: kept });
    const way = wished && (await wayOf(given, host, 'wishlist_add', product));
    if (way?.tells) write(said, (await did(given, host, { kind: way.kind, subject: product }))?.text);
  };
  document.addEventListener('tessera:wishes', draw); // another heart of the same product
  live(host, ['product-id'], draw);
};
