// Points for a code, and the code into the cart. What is asked for twice happens once.
import { h } from './panel/dom.js';
import { tongueOf, wordsOf } from './words.js';

/** A code takes a moment where the shop's platform makes it; so does a network that comes back. Units: ms. */
const PAUSES = [0, 400, 800, 1600, 3000, 5000];

/** What nobody knows the end of keeps its key, so that the next try finds it. @type {Map<string, string>} */
const keys = new Map();

const anyKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-');

/**
 * Spend points on a reward; the answer is the redemption, with its code once it has one, or nothing.
 * @param {import('./types').Given} given @param {HTMLElement} host
 * @param {{ reward: string, points?: number }} wanted `points` of a reward whose price the shopper chooses
 */
export const redeem = async ([ask], host, { reward, points }) => {
  const body = JSON.stringify({ reward, points });
  const key = keys.get(body) || anyKey();
  keys.set(body, key);
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
  /** @type {any} */
  let made;
  let lost = false;
  for (const pause of PAUSES) {
    await new Promise((done) => setTimeout(done, pause));
    if (!made) {
      made = await ask(host, 'redemptions?', { method: 'POST', headers, body, lost: 0 }, 1);
      lost ||= made === 0;
    } else {
      const known = await ask(host, 'redemptions?', {}, 1);
      made = known?.data.find((/** @type {any} */ one) => one.id == made.id) || made;
    }
    if (made !== 0 && made?.state != 'held') break;
  }
  if (made ? made.state != 'held' : !lost) keys.delete(body); // else the next try asks for the same thing
  return made;
};

/**
 * Ask the page to put a code into its cart: it cancels `tessera:apply` and calls `done`. Without such a page the
 * answer is false, and the shopper types the code.
 * @param {import('./types').Given} given @param {HTMLElement} host @param {string} code @returns {Promise<boolean>}
 */
export const apply = ([, emit], host, code) =>
  new Promise((done) => {
    if (emit(host, 'apply', { code, done })) done(false);
  });

/**
 * Use a reward by the button that offers it, which then says what became of it, aloud too, until the cart is drawn anew.
 * @param {import('./types').Given} given @param {HTMLElement} host
 * @param {{ use: { reward: string, title: string, code?: string }, button: HTMLElement, current: () => boolean }} offer
 */
export const spend = async (given, host, { use, button, current }) => {
  if (button.ariaDisabled || button.ariaBusy) return; // a disabled button would lose the focus
  button.ariaDisabled = button.ariaBusy = 'true';
  let again = true;
  try {
    const known = use.code;
    const made = known ? use : await redeem(given, host, use);
    const code = (use.code = made?.code);
    const used = code && (await apply(given, host, code));
    again = code ? !used : !made;
    const words = await wordsOf(given[8], tongueOf(given[6])).catch(() => /** @type {any} */ ({}));
    const text = words[used ? 'applied' : code ? 'not_applied' : made ? 'got_soon' : 'failed'] || '';
    const shown = used || !code;
    const spoken = button.nextSibling || button.parentNode?.appendChild(h('span', { className: 'spoken', role: 'status' }));
    setTimeout(() => (spoken.textContent = shown ? text : code + '. ' + text), 100); // it must be there before it speaks
    if (current()) button.textContent = shown ? text : use.title + ' · ' + code;
    if (made && !known) document.dispatchEvent(new Event('tessera:refresh'));
  } finally {
    button.ariaBusy = null;
    if (again || !current()) button.ariaDisabled = null;
  }
};
