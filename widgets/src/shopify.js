// All that a page of a theme of Shopify loads at first, where Liquid has drawn the rest. It fetches the loader when there
// is something for it to do, and puts into our elements' words what the theme says of variant and cart: standard
// storefront events first, the theme's own pub/sub next, the DOM last.
import { call, decimal } from './shopify-call.js';

/** @typedef {{ id: string | number, price: string | number | { amount: string } }} Variant */

const page = /** @type {any} */ (window);

/** What the embed tells: where the other scripts are, and all that the loader's own tag is to say. */
const told = /** @type {Record<string, string>} */ ({ .../** @type {HTMLElement} */ (document.currentScript).dataset });

// --- the loader ---

const loader = document.createElement('script');
Object.assign(loader.dataset, told);
loader.src = told.script + '';

/** Once, however often. */
const start = () => loader.isConnected || document.head.append(loader);

/**
 * Nothing to do before a touch: Liquid has written its text, or it is a link that waits. A member's cart has a button
 * besides, unless it is empty. @param {Element} element
 */
const drawn = (element) => {
  const line = element.querySelector('p');
  if (element.matches('tessera-cart')) return line && !(told.session && line.textContent);
  return element.matches('tessera-product, tessera-balance')
    ? element.textContent?.trim()
    : element.matches('tessera-panel:not([inline]), tessera-bar[drawn]');
};

for (const name of ['pointerdown', 'keydown', 'change', 'hashchange', 'shopify:section:load'])
  addEventListener(name, start, true);

// --- the product on the page ---

/** @param {any} gid "gid://shopify/ProductVariant/11", or 11 */
const number = (gid) => `${gid}`.replace(/.*\//, '');

/** The elements of a product; where it is not named, all that are there. @param {any} product */
const elements = (product) => [
  ...document.querySelectorAll(product ? `tessera-product[product-id="${number(product)}"]` : 'tessera-product'),
];

/**
 * What was drawn for another variant goes; an element whose code has come sees to that itself.
 * @param {Element} element @param {Record<string, string>} now
 */
const set = (element, now) =>
  Object.entries(now).forEach(([name, value]) => {
    if (element.getAttribute(name) == value) return;
    if (!(/** @type {any} */ (element).code)) element.textContent = '';
    element.setAttribute(name, value);
    start();
  });

/** @param {any} product @param {Variant | null | undefined} variant */
const choose = (product, variant) =>
  variant &&
  elements(product).forEach((one) => set(one, { 'variant-id': number(variant.id), price: decimal(variant.price) }));

/** A variant that is known by its id alone. @param {any} product @param {string | null} id */
const choosePlain = async (product, id) => {
  if (id && elements(product).some((one) => one.getAttribute('variant-id') != id))
    choose(product, await call(`variants/${id}.js`));
};

/** @param {any} target */
const changed = ({ name, value, form }) => {
  if (!form?.matches('form[action*="/cart/add"]')) return;
  const product = form.elements['product-id']?.value;
  if (name == 'id') choosePlain(product, value);
  if (name == 'quantity' && value > 0) elements(product).forEach((one) => set(one, { quantity: value }));
};

// --- the cart ---

/** Have it done by the code of the cart; nothing where that does not come. @param {'look' | 'apply' | 'note'} what @param {any} [given] */
const cart = async (what, given) => {
  try {
    return await (await import(told.cart + ''))[what](given);
  } catch {}
};

const look = () => {
  if (!document.querySelector('tessera-cart')) return;
  start();
  cart('look');
};

// --- who tells ---

/** @param {string} name @param {(event: any) => void} hear */
const on = (name, hear) => document.addEventListener(name, hear);

on('shopify:product:select', ({ product, promise }) =>
  promise?.then((/** @type {any} */ found) => choose(product?.id, found?.variant), () => {}),
);
for (const name of ['lines', 'discount'])
  on(`shopify:cart:${name}-update`, ({ promise }) => Promise.resolve(promise).then(look, look));

page.subscribe?.('variant-change', (/** @type {any} */ { data }) => choose(data?.variant?.product_id, data?.variant));
page.subscribe?.('cart-update', look);

on('change', ({ target }) => changed(target));
addEventListener('popstate', () => choosePlain('', new URLSearchParams(location.search).get('variant')));
try {
  new PerformanceObserver((seen) => {
    if (seen.getEntries().some(({ name }) => /\/cart\/(add|change|update|clear)\b/.test(name))) look();
  }).observe({ type: 'resource' });
} catch {} // an old browser: the next page tells

// --- who asks ---

on('tessera:apply', async (event) => {
  event.preventDefault();
  const { code, done } = event.detail;
  done(...((await cart('apply', code)) || [false]));
  look();
});
on('tessera:arm', ({ detail }) => cart('note', { _tessera_arm: detail.value }));
on('tessera:referral', ({ detail }) => cart('note', { _tessera_referral: detail.code }));

// last, so that everything is heard
if (
  location.hash == '#tessera' ||
  [...document.querySelectorAll(':not(:defined)')].some((one) => /^tessera-/.test(one.localName) && !drawn(one))
)
  start();
