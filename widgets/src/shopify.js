// Beside the loader on a theme of Shopify: what the theme says of variant and cart, put into our elements' words, and
// what the panel wants of the cart. Standard storefront events first, the theme's own pub/sub next, the DOM last.

/** @typedef {{ id: string | number, price: string | number | { amount: string } }} Variant */

const page = /** @type {any} */ (window);
const root = () => page.Shopify?.routes?.root || '/';

/** @param {string} path @param {object} [sent] @returns {Promise<any>} */
const call = async (path, sent) =>
  (
    await fetch(root() + path, {
      headers: { 'Content-Type': 'application/json' },
      ...(sent && { method: 'POST', body: JSON.stringify(sent) }),
    })
  ).json();

/** @param {any} gid "gid://shopify/ProductVariant/11", or 11 */
const number = (gid) => `${gid}`.replace(/.*\//, '');

/** Theme scripts tell prices in hundredths, events in whole units. @param {Variant['price']} price */
const decimal = (price) => (typeof price == 'number' ? (price / 100).toFixed(2) : `${Object(price).amount ?? price}`);

// --- the product on the page ---

/** The elements of a product; where it is not named, all that are there. @param {any} product */
const elements = (product) => [
  ...document.querySelectorAll(product ? `tessera-product[product-id="${number(product)}"]` : 'tessera-product'),
];

/**
 * What was drawn for another variant goes; an element whose code has come sees to that itself.
 * @param {Element} element @param {Record<string, string>} told
 */
const set = (element, told) =>
  Object.entries(told).forEach(([name, value]) => {
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

/** @param {any} target */
const changed = ({ name, value, form }) => {
  if (!form?.matches('form[action*="/cart/add"]')) return;
  const product = form.elements['product-id']?.value;
  if (name == 'id') choosePlain(product, value);
  if (name == 'quantity' && value > 0) elements(product).forEach((one) => set(one, { quantity: value }));
};

// --- the cart ---

/** The cart as our elements read it; what is taken off all of it is spread over its lines. @param {any} cart */
const told = ({ currency, items, cart_level_discount_applications: off = [], discount_codes: codes = [] }) => {
  const sum = (/** @type {any[]} */ all, /** @type {string} */ name) => all.reduce((so, one) => so + one[name], 0);
  const taken = sum(off, 'total_allocated_amount');
  const whole = sum(items, 'final_line_price');
  let left = taken;
  const lines = items.map((/** @type {any} */ one, /** @type {number} */ place) => {
    const share = items[place + 1] ? Math.floor((taken * one.final_line_price) / whole || 0) : left;
    left -= share;
    return {
      product_id: `${one.product_id}`,
      variant_id: `${one.variant_id}`,
      quantity: one.quantity,
      unit_price: decimal(one.original_price),
      discount: decimal(one.original_line_price - one.final_line_price + share),
      gift_card: one.gift_card,
      vendor: one.vendor,
    };
  });
  return { currency, lines, discount_codes: codes.map((/** @type {any} */ one) => one.code) };
};

/** @type {ReturnType<typeof setTimeout>} */
let timer;

/** Look at the cart, once for a burst of changes. */
const look = () => {
  clearTimeout(timer);
  if (!document.querySelector('tessera-cart')) return;
  timer = setTimeout(async () => {
    const detail = told(await call('cart.js'));
    document.dispatchEvent(new CustomEvent('tessera:cart', { detail }));
  }, 100);
};

/** Put a code beside those that are there; the cart says whether it counts. @param {string} code */
const apply = async (code) => {
  const known = (await call('cart.js')).discount_codes || [];
  const discountCodes = [...known.map((/** @type {any} */ one) => one.code), code];
  const update = page.Shopify?.actions?.updateCart;
  const answer = await (update ? update({ discountCodes }) : call('cart/update.js', { discount: `${discountCodes}` }));
  const wrong = answer?.userErrors?.[0]?.message;
  const codes = (await call('cart.js')).discount_codes || [];
  const same = (/** @type {any} */ one) => one.code.toLowerCase() == code.toLowerCase();
  look();
  return [!wrong && !!codes.find(same)?.applicable, wrong];
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

on('tessera:apply', (event) => {
  event.preventDefault();
  const { code, done } = event.detail;
  apply(code).then(([ok, message]) => done(ok, message), () => done(false));
});
/** What the cart of this page knows already. @type {Set<string>} */
const noted = new Set();

/** What the order is to say of its shopper. @param {object} attributes */
const note = (attributes) => {
  const text = JSON.stringify(attributes);
  if (noted.has(text)) return; // a note is a change of the cart, of which elements tell again
  noted.add(text);
  call('cart/update.js', { attributes }).catch(() => noted.delete(text));
};

on('tessera:arm', ({ detail }) => note({ _tessera_arm: detail.value }));
on('tessera:referral', ({ detail }) => note({ _tessera_referral: detail.code }));
