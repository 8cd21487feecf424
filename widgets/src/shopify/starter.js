// All that a page of a theme of Shopify loads at first, where Liquid has drawn the rest.
import { alone, once, seen } from '../alone.js';
import { starter } from '../starter.js';

// The embed tells all that the loader's own tag is to say, and where the other scripts are.
const { dataset } = /** @type {HTMLElement} */ (document.currentScript);

const loader = document.createElement('script');
Object.assign(loader.dataset, dataset);
loader.src = dataset.script + '';

/** @type {Promise<any> | undefined} */
let page;

const draw = alone(loader);

starter(
  loader,
  () => (page ||= import(dataset.page + '')),
  { 'tessera-cart': seen(draw), 'tessera-product': once(draw) },
  'shopify:section:load shopify:product:select shopify:cart:lines-update shopify:cart:discount-update',
);
