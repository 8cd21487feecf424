// Points that the shop's server could not draw, asked for once. The loader, which comes at the first touch, finds them as
// if the server had drawn them; where there was no answer it asks again, and says what is wrong.
import { files, language, server, shop, told } from './where.js';

/** @param {string} address @param {RequestInit} [init] */
const json = async (address, init) => (await fetch(address, init)).json();

/** Who is logged in; nobody where the shop does not tell. @type {Promise<any> | string | undefined} */
let session;

/**
 * Draw what the server answers about an element; nothing where it does not, or where an experiment hides it.
 * @param {Element} element @param {string} path with its `?` or `&` @param {(answer: any) => void} draw @param {RequestInit} [init]
 */
export const asked = async (element, path, draw, init = {}) => {
  element.setAttribute('drawn', '');
  try {
    const token = (await (session ||= told.session && json(told.session).catch(() => {})))?.token;
    if (token) init.headers = { Authorization: 'Bearer ' + token };
    const answer = await json(`${server}/${token ? 'shopper/v1' : 'widget/v1/' + shop}/${path}lang=${language}`, init);
    const shown = !answer.experiment || (await import(files + 'experiment.js')).default(server, shop, answer);
    if (shown && answer.text && !('code' in element)) draw(answer);
  } catch {}
};
