// <tessera-cart>: what this cart earns, and how far it brings the shopper to the next reward.
import { CSS, reward } from './reward.js';

const EARNS = {
  en: 'This cart earns #',
  fi: 'Ostoskorista kertyy #',
  fr: 'Ce panier rapporte #',
  ro: 'Coșul tău aduce #',
  ru: 'За корзину вы получите #',
  sk: 'Za košík získate #',
};

/** @type {import('./types').Code} */
export default (host, given) => {
  const [shop, ask, count, emit, live, open, tell, words, write] = given;
  const line = open(host, CSS + ':host{min-block-size:4.0625em}p{font-weight:600}');
  const next = reward(line, given);

  /** The cart the page last told us of. @type {unknown} */
  let heard;

  /** The cart as JSON: what the page told, else the attribute, else the script inside the element. */
  const cart = () => {
    const script = host.querySelector('script');
    const said = heard || JSON.parse(host.getAttribute('lines') || script?.textContent || '[]');
    return JSON.stringify(said.lines ? said : { currency: host.getAttribute('currency'), lines: said });
  };

  /** Ask what the cart earns. @param {AbortSignal} signal */
  const earns = (signal) => {
    try {
      const headers = { 'Content-Type': 'application/json' };
      return ask(`widget/v1/${shop}/cart`, { signal, method: 'POST', headers, body: cart() });
    } catch {
      tell('the lines of the cart are not JSON');
    }
  };

  /** What the shopper has already, when we know the shopper. @param {AbortSignal} signal */
  const saved = async (signal) => {
    const token = host.getAttribute('token');
    const me = token && (await ask('shopper/v1/me', { signal, headers: { Authorization: 'Bearer ' + token } }));
    return me ? me.points.available : 0;
  };

  const soon = live(host, ['lines', 'currency', 'token'], async (signal) => {
    const [answer, mine] = await Promise.all([earns(signal), saved(signal)]);
    const { points = 0, about, next_reward: goal } = answer || {};
    write(line, points ? words(EARNS).replace('#', (about ? '≈ ' : '') + count(points)) : '');
    next(goal && { ...goal, missing: Math.max(0, goal.points - points - mine) }, points + mine);
    if (answer) emit(host, 'points', answer);
  });
  document.addEventListener('tessera:cart', (event) => {
    heard = /** @type {CustomEvent} */ (event).detail;
    soon(150);
  });
};
