// <tessera-balance>: the points of the shopper who is logged in.
// The number with what is on the way beside it, then the way to a reward. The page's own CSS decides how the host is
// displayed, so nothing here depends on that.
import LAYOUT from './balance.css';
import { CSS, reward } from './reward.js';

/** An order's points arrive a moment after it: with `poll`, look again after these. Units: ms. */
const PAUSES = [300, 500, 1200, 3000];

/** @type {import('./types').Code} */
export default (host, [ask, emit, live, open, tell, write, , { session }]) => {
  const line = open(host, CSS + LAYOUT);
  const next = reward(line, write);
  const note = document.createElement('small');
  line.after(note);
  line.part = 'points';
  write(line, host.querySelector('p')?.textContent);

  /** @param {import('./types').Me | undefined} me */
  const show = (me) => {
    write(line, me?.text.available);
    write(note, me?.text.note);
    next(me?.way);
    if (me) emit(host, 'balance', me);
  };

  live(host, ['token'], async (current) => {
    const look = () => ask(host, 'me?', {}, 1);
    if (!session && !host.getAttribute('token')) tell('token is missing');
    const first = await look();
    if (!current()) return;
    show(first);
    for (const pause of first && host.hasAttribute('poll') ? PAUSES : []) {
      await new Promise((done) => setTimeout(done, pause));
      const now = host.isConnected && current() && (await look());
      if (!now) return;
      if (JSON.stringify(now) != JSON.stringify(first)) return show(now);
    }
  });
};
