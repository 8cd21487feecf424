// Handed by the loader to each element's code, so that nothing is fetched twice.
import { files, language, server, shop, told } from './where.js';

/** @type {string | undefined} */
let said;

/** Say it to the owner, in the console; the shopper sees nothing. @param {string} message */
export const tell = (message) => {
  if (message != said) console.warn('[tessera] ' + (said = message));
};

/** The token of who is logged in, in memory only. @type {Promise<string> | 0} */
let session = 0;

/** Ask the shop itself who is logged in; its address is on the shop's own origin. */
const enter = async () => {
  try {
    const { token, expires_at } = await (await fetch(told.session + '')).json();
    if (token) setTimeout(() => (session = 0), Date.parse(expires_at) - Date.now() - 3e4);
    return token || '';
  } catch {
    return '';
  }
};

document.addEventListener('tessera:refresh', () => (session = 0));

/**
 * Ask the server: as the shopper who is logged in, else as anyone. A failure is told to the owner and answered with
 * nothing, or with `init.lost` where nobody knows whether the server did it.
 * @param {HTMLElement} host @param {string} path up to `?` or `&` @param {RequestInit & { lost?: any }} init @param {1 | 2} [who] 1: a shopper only; 2: anyone, the same for all
 * @returns {Promise<any>}
 */
const ask = async (host, path, init, who) => {
  const token = who != 2 && (host.getAttribute('token') || (told.session && (await (session ||= enter()))));
  if (who == 1 && !token) return;
  try {
    const answer = await fetch(
      `${server}/${token ? 'shopper/v1' : 'widget/v1/' + shop}/${path}lang=${language}`,
      token ? { ...init, headers: { ...init.headers, Authorization: 'Bearer ' + token } } : init,
    );
    if (answer.ok) {
      const found = await answer.json();
      if (!found.experiment || (await import(files + 'experiment.js')).default(server, shop, found)) return found;
      return;
    }
    tell('the server says ' + answer.status);
    if (answer.status < 500) return;
  } catch {
    tell('the server is silent');
  }
  return init.lost;
};

/** Open the element's shadow with its style and a first child. @param {HTMLElement} host @param {string} css */
const open = (host, css, kind = 'p') => {
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root.appendChild(document.createElement(kind));
};

/**
 * Write a line. Its first text is not read aloud, a change is. U+2068 keeps our words and numbers in their own order
 * on a page that runs the other way.
 * @param {HTMLElement} line @param {string | undefined} text
 */
const write = (line, text) => {
  text = text ? '\u2068' + text : '';
  const old = line.textContent;
  if (old == text) return;
  if (old) line.ariaLive = 'polite';
  line.textContent = text;
};

/**
 * Draw now, and again when one of the attributes changes; what was being drawn is then no longer current.
 * @param {HTMLElement} host @param {string[]} attributeFilter @param {(current: () => boolean) => void} draw
 * @param {unknown} [drawn] the page came with the text: nothing to draw yet
 */
const live = (host, attributeFilter, draw, drawn, turn = 0) => {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const soon = (wait = 0) => {
    clearTimeout(timer);
    const mine = ++turn;
    timer = setTimeout(() => draw(() => mine == turn), wait);
  };
  new MutationObserver(() => soon(150)).observe(host, { attributeFilter });
  document.addEventListener('tessera:refresh', () => soon());
  if (!drawn) soon();
  return soon;
};

/** Tell the page; false where something on it has taken care. @param {HTMLElement} host @param {string} name @param {object} detail */
const emit = (host, name, detail) =>
  host.dispatchEvent(new CustomEvent('tessera:' + name, { detail, bubbles: true, cancelable: true }));

export const tools = /** @type {const} */ ([ask, emit, live, open, tell, write, language, told, files]);
