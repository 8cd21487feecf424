// The points of a product whose variation is chosen on the page.

/** The place of such a product. @param {any} event */
const place = ({ target }) => target.querySelector('.tessera-later');

/** WooCommerce tells its variations to jQuery alone. @param {() => void} [look] draw what has no text */
export const follow = (look) =>
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
      look?.();
    })
    .on('reset_data', (/** @type {any} */ event) => place(event)?.replaceChildren());
