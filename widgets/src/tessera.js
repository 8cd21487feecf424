// The one script tag. It finds its shop and its server, names the elements, and fetches the code of an
// element when one of its kind is on the page: nothing else is loaded, nothing of the page is touched.
import { files, shop, tell, tools } from './tools.js';

/** @param {string} kind */
const define = (kind) =>
  customElements.get('tessera-' + kind) ||
  customElements.define(
    'tessera-' + kind,
    class extends HTMLElement {
      /** @type {Promise<void> | undefined} */
      code;

      connectedCallback() {
        this.code ||= import(files + kind + '.js').then(
          (code) => code.default(this, tools),
          () => tell('no ' + kind + '.js'),
        );
      }
    },
  );

if (shop) ['product', 'cart', 'balance'].forEach(define);
else tell('data-shop is missing');
