// The one script tag. It finds its shop and its server, names the elements, and fetches the code of an
// element when one of its kind is on the page: nothing else is loaded, nothing of the page is touched. The product's
// code is here, since it is on most pages: one script and one question is all that a product page takes.
// The panel's code waits for the address …#tessera: any link of the page opens it.
import product from './product.js';
import { tell, tools } from './tools.js';
import { files, shop } from './where.js';

/** @param {string} kind */
const define = (kind) =>
  customElements.get('tessera-' + kind) ||
  customElements.define(
    'tessera-' + kind,
    class extends HTMLElement {
      /** @type {unknown} */
      code;

      connectedCallback() {
        if (kind == 'panel' && !this.hasAttribute('inline') && location.hash != '#tessera')
          addEventListener('hashchange', () => this.connectedCallback(), { once: true });
        else
          this.code ||=
            kind == 'product'
              ? product(this, tools)
              : import(files + kind + '.js').then(
                  (code) => code.default(this, tools),
                  () => tell('no ' + kind + '.js'),
                );
      }
    },
  );

const kinds = 'product cart balance panel bar gate referral programme earned ask share wish survey'.split(' ');

/** What is on the page; the rest when the page has rested: an element that comes later finds its name known. */
const look = () => kinds.filter((kind) => document.querySelector('tessera-' + kind)).forEach(define);

if (shop) {
  look();
  document.addEventListener('DOMContentLoaded', look);
  setTimeout(() => kinds.forEach(define), 2e3);
} else tell('data-shop is missing');
