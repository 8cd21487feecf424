// <tessera-referral>: who comes by a friend's link sees what waits for them; the code stays until the browser's tab is
// closed, and every page with the element tells it, so that the shop can put it into the order.
import CSS from './referral.css';

const KEY = 'tessera-referral';

/** @type {import('./types').Code} */
export default async (host, [ask, emit, , open, , write]) => {
  const line = open(host, CSS);
  line.after(document.createElement('slot'));
  const came = new URLSearchParams(location.search).get('ref');
  /** @type {string | null | undefined} */
  let code = came;
  try {
    code ||= sessionStorage.getItem(KEY);
  } catch {} // a browser that keeps nothing: for this page only
  if (!code) return;
  const told = await ask(host, `referral/${encodeURIComponent(code)}?`, {}, 2);
  if (!told) return;
  try {
    if (told.code) sessionStorage.setItem(KEY, told.code);
    else sessionStorage.removeItem(KEY);
  } catch {}
  host.toggleAttribute('shown', !!told.text);
  write(line, told.text);
  if (told.code) emit(host, 'referral', told);
};
