// A page of a theme of Shopify before the first touch.
import { starter } from '../starter.js';
import { dataset, loader } from './told.js';

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
  code.heard(event);
  return code;
};

const MORE = 'shopify:section:load shopify:product:select shopify:cart:lines-update shopify:cart:discount-update';

/** @param {Parameters<typeof starter>[2]} draws */
export const begin = (draws) => starter(loader, own, draws, MORE);
