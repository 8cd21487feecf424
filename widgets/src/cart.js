// <tessera-cart>: what this cart earns, how far it brings the shopper to the next reward, and a reward in one tap.
import MORE from './cart.css';
import { CSS, reward } from './reward.js';

/** @type {import('./types').Code} */
export default (host, given) => {
  const [ask, emit, live, open, tell, write, , , files] = given;
  const line = open(host, CSS + MORE);
  const next = reward(line, write);
  const button = document.createElement('button');
  button.hidden = true;
  next(null).after(button);
  line.textContent = host.querySelector('p')?.textContent || '';

  /** The cart the page last told us of. @type {unknown} */
  let heard;

  /** The cart as JSON: what the page told, else the attribute, else the script inside the element. */
  const cart = () => {
    const script = host.querySelector('script');
    const said = heard || JSON.parse(host.getAttribute('lines') || script?.textContent || '[]');
    return JSON.stringify(said.lines ? said : { currency: host.getAttribute('currency'), lines: said });
  };

  const soon = live(host, ['lines', 'currency', 'token'], async (current) => {
    let answer;
    try {
      const headers = { 'Content-Type': 'application/json' };
      answer = await ask(host, 'cart?', { method: 'POST', headers, body: cart() });
    } catch {
      tell('the lines of the cart are not JSON');
    }
    if (!current()) return;
    const { text, way, use } = answer || {};
    write(line, text);
    next(way);
    button.hidden = !use;
    if (use) button.textContent = [use.title, use.text || use.code].join(' · ');
    button.onclick = async () => {
      button.disabled = true;
      try {
        const { apply, redeem } = await import(files + 'redeem.js');
        const made = use.code ? use : await redeem(given, host, use);
        if (made) use.code = made.code;
        button.hidden = made && !made.code; // the code comes later: the points are spent
        if (use.code && (await apply(given, host, use.code))) button.hidden = true; // until the cart is told anew
        else if (use.code) button.textContent = use.code;
        if (made != use) document.dispatchEvent(new Event('tessera:refresh'));
      } catch {
        tell('no redeem.js');
      }
      button.disabled = false;
    };
    if (answer) emit(host, 'points', answer);
  });
  document.addEventListener('tessera:cart', (event) => {
    heard = /** @type {CustomEvent} */ (event).detail;
    soon(150);
  });
};
