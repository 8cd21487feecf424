// All that a page of a theme of Shopify loads at first, where Liquid has drawn the rest.
import { alone, once, seen } from '../alone.js';
import { starter } from '../starter.js';

// The embed tells all that the loader's own tag is to say, and where the other scripts are: on another origin, maybe
// without "https:".
const { dataset } = /** @type {{ dataset: any }} */ (/** @type {unknown} */ (document.currentScript));

const loader = document.createElement('script');
Object.assign(loader.dataset, dataset);
loader.src = dataset.script;

/** @type {Promise<any> | 0} */
let page = 0;

/** @type {any} */
let address = new URL(dataset.page, location.href);

/** What brings the code that hears it is to be heard, too. @param {Event} [event] */
const own = async (event) => {
  page ||= import(address).then(
    (code) => code.start(dataset.cart),
    (error) => {
      page = 0;
      address += '#'; // browsers remember what did not come by its address
      throw error;
    },
  );
  const code = await page;
  if (event) code.heard(event);
  return code;
};

const draw = alone(loader);

starter(
  loader,
  own,
  { 'tessera-cart': seen(draw), 'tessera-product': once(draw) },
  'shopify:section:load shopify:product:select shopify:cart:lines-update shopify:cart:discount-update',
);
