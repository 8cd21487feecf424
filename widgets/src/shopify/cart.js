// What is done about the cart on a theme of Shopify. It comes when the cart has changed or something wants it changed.
import { call, decimal } from './call.js';

/** The cart as our elements read it; what is taken off all of it is spread over its lines. @param {any} cart */
const told = ({ currency, items, cart_level_discount_applications: off = [], discount_codes: codes = [] }) => {
  const sum = (/** @type {any[]} */ all, /** @type {string} */ name) => all.reduce((so, one) => so + one[name], 0);
  let left = sum(off, 'total_allocated_amount');
  let rest = sum(items, 'final_line_price');
  const lines = items.map((/** @type {any} */ one) => {
    const share = Math.floor((left * one.final_line_price) / rest || 0); // the last that costs something takes what is left
    left -= share;
    rest -= one.final_line_price;
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

/** Look at the cart, once for a burst of changes. An element whose code comes later finds the new one, too. */
export const look = () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const detail = told(await call('cart.js'));
    document.querySelectorAll('tessera-cart script').forEach((one) => {
      one.textContent = JSON.stringify(detail);
      one.parentElement?.querySelector('p')?.remove(); // drawn for the cart of before
    });
    document.dispatchEvent(new CustomEvent('tessera:cart', { detail }));
  }, 100);
};

/**
 * Put a code beside those that are there; the cart says whether it counts.
 * @param {string} code @returns {Promise<[boolean, string?]>}
 */
export const apply = async (code) => {
  const known = (await call('cart.js')).discount_codes || [];
  const discountCodes = [...known.map((/** @type {any} */ one) => one.code), code];
  const update = /** @type {any} */ (window).Shopify?.actions?.updateCart;
  const answer = await (update ? update({ discountCodes }) : call('cart/update.js', { discount: `${discountCodes}` }));
  const wrong = answer?.userErrors?.[0]?.message;
  const codes = (await call('cart.js')).discount_codes || [];
  const same = (/** @type {any} */ one) => one.code.toLowerCase() == code.toLowerCase();
  return [!wrong && !!codes.find(same)?.applicable, wrong];
};

/** What the cart of this page knows already. @type {Set<string>} */
const noted = new Set();

/** What the order is to say of its shopper. @param {object} attributes */
export const note = (attributes) => {
  const text = JSON.stringify(attributes);
  if (noted.has(text)) return; // a note is a change of the cart, of which elements tell again
  noted.add(text);
  call('cart/update.js', { attributes }).catch(() => noted.delete(text));
};
