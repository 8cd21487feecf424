// A page of a shop of WooCommerce before the first touch.
import { starter } from '../starter.js';
import { loader, own } from './told.js';

/** The place of a product whose variation is to be chosen. @param {any} event */
const place = ({ target }) => target.querySelector('.tessera-later');

/** @param {Parameters<typeof starter>[2]} draws */
export const page = (draws) => {
  // what a cache has kept for too long
  document.querySelectorAll('[data-until]').forEach((/** @type {any} */ one) => {
    if (one.dataset.until > Date.now() / 1e3) return;
    one.textContent = '';
    one.removeAttribute('drawn');
  });

  const look = starter(loader, own, draws);

  /** WooCommerce tells its variations and its small cart to jQuery alone. */
  const listen = () => {
    look();
    /** @type {any} */ (window)
      .jQuery?.(document)
      .on('found_variation', (/** @type {any} */ event, /** @type {any} */ { tessera }) => {
        const later = place(event);
        if (!later || !tessera) return;
        const element = later.firstElementChild || document.createElement('tessera-product');
        const now = { ...JSON.parse(later.dataset.attributes), ...tessera.attributes };
        for (const name in now) element.setAttribute(name, now[name]);
        element.toggleAttribute('drawn', (element.textContent = tessera.text));
        if (!element.isConnected) later.append(element);
        look();
      })
      .on('reset_data', (/** @type {any} */ event) => place(event)?.replaceChildren())
      .on('wc_fragments_loaded wc_fragments_refreshed', look);
  };
  if (document.readyState == 'loading') document.addEventListener('DOMContentLoaded', listen);
  else listen();
};
