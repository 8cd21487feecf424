// Handed by the loader to each element's code, so that nothing is fetched twice.

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);

/** The shop named by our script tag; empty when the tag, or its data-shop, is missing. */
export const shop = script?.dataset.shop;

/** The folder of our files on the server: …/widgets/v1/ */
export const files = script?.src.replace(/[^/]*$/, '');

/** @type {string | undefined} */
let told;

/** Say it to the owner, in the console; the shopper sees nothing. @param {string} message */
export const tell = (message) => {
  if (message != told) console.warn('[tessera] ' + (told = message));
};

/** One, few, other. The Russian `many` is the last form; whole numbers need no fourth. @type {Record<string, string>} */
const POINTS = {
  en: 'point,points',
  fi: 'piste,pistettä',
  fr: 'point,points',
  ro: 'punct,puncte,de puncte',
  ru: 'балл,балла,баллов',
  sk: 'bod,body,bodov',
};

let language = document.documentElement.lang.slice(0, 2);
if (!POINTS[language]) language = 'en';

/** The words of the page's language. @param {Record<string, string>} table */
const words = (table) => table[language] || '';

/** "399 points". @param {number} points */
const count = (points) => {
  const forms = words(POINTS).split(',');
  const form = ['one', 'few'].indexOf(new Intl.PluralRules(language).select(points));
  return points.toLocaleString(language) + ' ' + (forms[form] || forms.pop());
};

/**
 * Ask the server. A failure is told to the owner and answered with nothing; an outdated question never returns.
 * @param {string} path @param {RequestInit} init @returns {Promise<any>}
 */
const ask = async (path, init) => {
  try {
    const answer = await fetch(files + '../../' + path, init);
    if (answer.ok) return await answer.json();
    tell('the server says ' + answer.status);
  } catch {
    if (init.signal?.aborted) return new Promise(() => {});
    tell('the server is silent');
  }
};

/** Open the element's shadow with its style and a first line. @param {HTMLElement} host @param {string} css */
const open = (host, css) => {
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root.appendChild(document.createElement('p'));
};

/**
 * Write a line. Its first text is not read aloud, a change is. U+2068 keeps our words and numbers in their own order
 * on a page that runs the other way.
 * @param {HTMLElement} line @param {string} text
 */
const write = (line, text) => {
  text &&= '\u2068' + text;
  if (line.textContent != text) line.textContent = text;
  setTimeout(() => (line.ariaLive = 'polite'));
};

/**
 * Draw now, and again when one of the attributes changes; whatever was being drawn is then out of date.
 * @param {HTMLElement} host @param {string[]} attributeFilter @param {(signal: AbortSignal) => void} draw
 */
const live = (host, attributeFilter, draw, drawing = new AbortController()) => {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const soon = (wait = 0) => {
    clearTimeout(timer);
    drawing.abort();
    timer = setTimeout(() => draw((drawing = new AbortController()).signal), wait);
  };
  new MutationObserver(() => soon(150)).observe(host, { attributeFilter });
  soon();
  return soon;
};

/** Tell the page. @param {HTMLElement} host @param {string} name @param {object} detail */
const emit = (host, name, detail) =>
  host.dispatchEvent(new CustomEvent('tessera:' + name, { detail, bubbles: true, composed: true }));

export const tools = /** @type {const} */ ([shop, ask, count, emit, live, open, tell, words, write, language]);
