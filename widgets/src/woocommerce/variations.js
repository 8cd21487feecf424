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
      const old = later.firstElementChild;
      const element = old?.code ? old : document.createElement('tessera-product'); // of the old one an answer may be late
      const now = { ...JSON.parse(later.dataset.attributes), ...tessera.attributes };
      for (const name in now) element.setAttribute(name, now[name]);
      element.toggleAttribute('drawn', (element.textContent = tessera.text));
      if (element != old) later.replaceChildren(element);
      look?.();
    })
    .on('reset_data', (/** @type {any} */ event) => place(event)?.replaceChildren());
