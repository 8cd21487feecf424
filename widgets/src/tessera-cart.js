// The cart by itself, for a page where nothing else has to be drawn before the first touch.
import cart from './cart.js';
import { tools } from './tools.js';

if (!customElements.get('tessera-cart'))
  customElements.define(
    'tessera-cart',
    class extends HTMLElement {
      /** @type {unknown} */
      code;

      connectedCallback() {
        this.code ||= [cart(this, tools)];
      }
    },
  );
