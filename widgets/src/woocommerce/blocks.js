// Cart and checkout made of blocks: what the cart earns, below the order's summary. React is WordPress's.
import '../tessera-cart.js';
import { starter } from '../starter.js';
import { loader, own } from './told.js';

starter(loader, own, {});

const { wp, wc } = /** @type {any} */ (window);
const slot = wc?.blocksCheckout?.ExperimentalOrderMeta; // "Experimental": it may be gone one day
const { createElement } = wp?.element || {};

/** WooCommerce hands a fill the cart's extensions: none before the cart is there. @param {{ extensions?: any }} given */
const Cart = ({ extensions }) =>
  extensions?.tessera?.lines ? createElement('tessera-cart', { lines: JSON.stringify(extensions.tessera) }) : null;

if (slot)
  wp.plugins?.registerPlugin('tessera-loyalty', {
    scope: 'woocommerce-checkout',
    render: () => createElement(slot, null, createElement(Cart)),
  });
