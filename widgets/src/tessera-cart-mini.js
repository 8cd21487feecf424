// One line of small carts, before the loader comes.
import { asked } from './asked.js';
import { linesOf } from './cart-lines.js';

document.querySelectorAll('tessera-cart[mini]:not(:defined):not([drawn])').forEach((cart) => {
  const body = linesOf(/** @type {HTMLElement} */ (cart));
  const draw = (/** @type {{ text: string }} */ { text }) => {
    const line = document.createElement('p');
    line.textContent = text;
    cart.replaceChildren(line, ...cart.querySelectorAll('script'));
  };
  asked(cart, 'cart?', draw, { method: 'POST', body });
});
