// A page of a shop of WooCommerce before the first touch.
import { starter } from '../starter.js';
import { loader, own } from './told.js';
import { follow } from './variations.js';

/** @param {Parameters<typeof starter>[2]} draws */
export const page = (draws) => {
  const look = starter(loader, own, draws);

  const listen = () => {
    look();
    follow(look);
    /** @type {any} */ (window).jQuery?.(document).on('wc_fragments_loaded wc_fragments_refreshed', look);
  };
  if (document.readyState == 'loading') document.addEventListener('DOMContentLoaded', listen);
  else listen();
};
