// <tessera-cart>: what this cart earns, how far it brings the shopper to the next reward, and a reward in one tap.
import MORE from './cart.css';
import { linesOf } from './cart-lines.js';
import { CSS, reward } from './reward.js';

/** @type {import('./types').Code} */
export default (host, given) => {
  const [ask, emit, live, open, tell, write, , , files] = given;
  const line = open(host, CSS + MORE);
  const next = reward(line, write);
  const sentence = next(null);
  const button = document.createElement('button');
  button.hidden = true;
  sentence.tabIndex = -1;
  sentence.after(button);
  write(line, host.querySelector('p')?.textContent);

  /** The cart the page last told us of. @type {unknown} */
  let heard;

  const soon = live(host, ['lines', 'currency', 'token'], async (current) => {
    let answer;
    try {
      answer = await ask(host, 'cart?', { method: 'POST', body: linesOf(host, heard) }); // as text it needs no preflight
    } catch {
      tell('the lines of the cart are not JSON');
    }
    if (!current()) return;
    const { text, way, use } = answer || {};
    write(line, text);
    next(way);
    if (!use && host.shadowRoot?.activeElement) sentence.focus();
    button.hidden = !use;
    if (!button.ariaBusy) button.ariaDisabled = null;
    if (use) button.textContent = [use.title, use.text || use.code].join(' · ');
    button.onclick = () =>
      import(files + 'redeem.js').then(
        (code) => code.spend(given, host, { use, button, current }),
        () => tell('no redeem.js'),
      );
    if (answer) emit(host, 'points', answer);
  });
  document.addEventListener('tessera:cart', (event) => {
    heard = /** @type {CustomEvent} */ (event).detail;
    soon(150);
  });
};
