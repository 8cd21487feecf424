// What only this shop's page knows: its cart, its coupons, its forms. It comes with the first touch, or when it is asked.

let store = '';
let nonce = '';

/** @param {string} told the Store API's address */
export function start(told) {
  store = told;
  follow();
  return { apply, arm, referral };
}

/** Steppers of themes, WooCommerce's variations and its carts tell jQuery alone. */
function follow() {
  window
    .jQuery?.(document)
    .on('change', 'form.cart [name=quantity]', (event) => event.originalEvent || tellForm(event.currentTarget.form))
    .on('found_variation', (event) => filledIn(event.target))
    .on('updated_checkout added_to_cart removed_from_cart', tellCart);
  const blocks = document.querySelector('script[src*="woocommerce-blocks.js"]'); // too large to know variations, too
  if (blocks) import(blocks.src.replace('-blocks', '-variations')).then((code) => code.follow(), () => {});
  customElements.whenDefined('tessera-product').then(() => document.querySelectorAll('form.cart').forEach(filledIn));
}

/** To a form itself: what else listens to its fields has heard it. */
const tellForm = (form) => form?.dispatchEvent(new Event('input'));

/** Tell a form that has been filled in before anybody listened. */
const filledIn = (form) => form.quantity?.value !== form.quantity?.defaultValue && tellForm(form);

/**
 * Use a code in one tap. @param {{code?: string, done?: (ok: boolean, message?: string) => void}} asked
 */
async function apply({ code = '', done = () => {} }) {
  try {
    const cart = blockCart();
    if (cart) await cart.applyCoupon(code);
    else refresh(await call('cart/apply-coupon', { code }));
    done(true);
  } catch (error) {
    done(false, plain(String(error?.message ?? '')));
  }
}

/** Which variant of the display the shopper sees goes along with the cart. @param {{value?: string}} asked */
const arm = ({ value = '' }) => note({ arm: value });

let friend = '';

/** So does the friend's code she came with; the page says it again and again. @param {{code?: string}} asked */
const referral = ({ code = '' }) => {
  if (code && code !== friend) note({ referral: (friend = code) });
};

async function note(data) {
  const body = { namespace: 'tessera', data };
  try {
    if (blockCart() && window.wc?.blocksCheckout?.extensionCartUpdate) await window.wc.blocksCheckout.extensionCartUpdate(body);
    else await call('cart/extensions', body);
  } catch {} // what misses its order is no business of the shopper's
}

/** The block cart's own actions, where this page has one. */
function blockCart() {
  if (!document.querySelector('.wp-block-woocommerce-cart, .wp-block-woocommerce-checkout')) return null;
  const actions = window.wp?.data?.dispatch?.('wc/store/cart');
  return actions?.applyCoupon ? actions : null;
}

/** Each answer brings the nonce for the next call; a page from a cache would hold an old one. */
async function call(path, body, again = true) {
  if (body && !nonce) await call('cart');
  const init = body && { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', Nonce: nonce } };
  const answer = await fetch(store + path, { credentials: 'same-origin', ...init });
  nonce = answer.headers.get('Nonce') || '';
  const told = await answer.json();
  if (answer.ok) return told;
  if (again && body && /nonce/.test(told.code)) return call(path, body, false);
  throw new Error(told.message);
}

/** Let the theme draw its cart again. */
function refresh(cart) {
  const body = window.jQuery?.(document.body);
  body?.trigger('wc_update_cart').trigger('update_checkout').trigger('wc_fragment_refresh');
  tell(cart.extensions?.tessera);
}

async function tellCart() {
  if (!document.querySelector('tessera-cart')) return;
  try {
    tell((await call('cart')).extensions?.tessera);
  } catch {} // the next change tells it
}

function tell(detail) {
  if (!detail) return;
  for (const cart of document.querySelectorAll('tessera-cart')) {
    cart.setAttribute('lines', JSON.stringify(detail));
    if (!cart.shadowRoot) cart.textContent = ''; // drawn for the cart of before
  }
}

/** WooCommerce's messages come as HTML. */
const plain = (text) => new DOMParser().parseFromString(text, 'text/html').body.textContent || '';
