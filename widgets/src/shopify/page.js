// What is known of the pages of a theme of Shopify; it comes with the first touch. It puts into our elements' words what
// the theme says of variant and cart: standard storefront events first, the theme's own pub/sub next, the DOM last.
import { call, decimal } from './call.js';

/** @typedef {{ id: string | number, price: string | number | { amount: string } }} Variant */

const page = /** @type {any} */ (window);

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

const FORM = 'form[action*="/cart/add"]';

/** @param {any} field */
const changed = ({ name, value, form }) => {
  if (!form?.matches(FORM)) return;
  const product = form.elements['product-id']?.value;
  if (name == 'id') choosePlain(product, value);
  if (name == 'quantity' && value > 0) elements(product).forEach((one) => set(one, { quantity: value }));
};

// --- the cart ---

/** Where the cart's own code is: it comes when the cart has changed or something wants it changed. */
let address = '';

const cart = () => import(address);

const look = () => {
  if (document.querySelector('tessera-cart')) cart().then((code) => code.look(), () => {});
};

// --- who asks ---

/** @param {{ code: string, done: (ok: boolean, wrong?: string) => void }} asked */
const apply = async ({ code, done }) => {
  try {
    const answer = await (await cart()).apply(code);
    done(...(/** @type {[boolean]} */ (answer)));
  } catch {
    done(false);
  }
  look();
};

/** @param {object} attributes */
const note = (attributes) => cart().then((code) => code.note(attributes), () => {});

/** @param {{ value: string }} asked */
const arm = ({ value }) => note({ _tessera_arm: value });

/** @param {{ code: string }} asked */
const referral = ({ code }) => note({ _tessera_referral: code });

// --- who tells ---

/** An event of the page, any or none. @param {any} [event] */
const heard = ({ type = '', target, product, promise } = {}) => {
  if (type == 'change') changed(target);
  if (type == 'shopify:product:select')
    promise?.then((/** @type {any} */ found) => choose(product?.id, found?.variant), () => {});
  if (type.startsWith('shopify:cart')) Promise.resolve(promise).then(look, look);
};

/** @param {string} told where the cart's code is */
export const start = (told) => {
  address = new URL(told, location.href).href;
  page.subscribe?.('variant-change', (/** @type {any} */ { data }) => choose(data?.variant?.product_id, data?.variant));
  page.subscribe?.('cart-update', look);
  addEventListener('popstate', () => choosePlain('', new URLSearchParams(location.search).get('variant')));
  try {
    new PerformanceObserver((seen) => {
      if (seen.getEntries().some(({ name }) => /\/cart\/(add|change|update|clear)\b/.test(name))) look();
    }).observe({ type: 'resource', buffered: true });
  } catch {} // an old browser: the next page tells

  // What has been chosen before anybody listened. A product may have several forms: what one of them says still stands.
  const forms = /** @type {any[]} */ ([...document.querySelectorAll(FORM)]);
  forms.forEach((form) => {
    const { id, quantity, 'product-id': product } = form.elements;
    if (!product) return;
    const ids = forms.filter((one) => one.elements['product-id']?.value == product.value).map((one) => one.elements.id?.value);
    const known = elements(product.value).some((one) => ids.includes(one.getAttribute('variant-id')));
    if (!known) changed({ name: 'id', value: id?.value, form });
    if (quantity?.defaultValue && quantity.value != quantity.defaultValue) changed(quantity);
  });
  return { apply, arm, referral, heard };
};
