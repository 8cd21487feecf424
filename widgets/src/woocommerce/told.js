// What PHP says of this page.

export {};

/** @typedef {{ tag: Record<string, string>, shop: string, store: string }} Told */

/** @type {Told} */
const { tag, shop, store } = /** @type {any} */ (window).tesseraTold;

/** The loader's own tag. */
export const loader = document.createElement('script');
for (const name in tag) loader.setAttribute(name, tag[name] + '');

/** @type {Promise<any> | undefined} */
let code;

/** The code that knows WooCommerce's pages. */
export const own = () => (code ||= import(shop).then((found) => found.start(store)));
