// <tessera-earned>: what the order just placed brings, when, and why. Its own content is for guests.
import CSS from './earned.css';

/** The shop's platform tells of an order a moment after it. Units: ms. */
const PAUSES = [0, 500, 1000, 2000, 4000, 8000];

/** @type {import('./types').Code} */
export default (host, [ask, emit, live, open, , write, , { session }]) => {
  const line = open(host, CSS);
  const [note, why] = [0, 0].map(() => line.parentNode?.appendChild(document.createElement('small')));
  const guests = document.createElement('slot');
  guests.hidden = !!session || host.hasAttribute('token');
  line.before(guests);
  if (!guests.hidden || !note || !why) return;

  live(host, ['order', 'token'], async (current) => {
    const path = `orders/${encodeURIComponent(host.getAttribute('order') + '')}?wait=1&`;
    for (const pause of PAUSES) {
      await new Promise((done) => setTimeout(done, pause));
      const told = host.isConnected && current() && (await ask(host, path, {}, 1));
      if (!current()) return;
      if (!told) return [line, note, why].forEach((one) => write(one, ''));
      if (told.state == 'unknown') continue;
      write(line, told.text);
      write(note, told.note);
      write(why, told.points ? told.why : '');
      return emit(host, 'earned', told);
    }
  });
};
