// <tessera-balance>: the points of the shopper whose token the page was given.
import { CSS, reward } from './reward.js';

const PENDING = {
  en: '# on the way',
  fi: '# tulossa',
  fr: '# en attente',
  ro: '# în așteptare',
  ru: '# в ожидании',
  sk: '# na ceste',
};

const OWED = {
  en: '# to make up first',
  fi: '# katettava ensin',
  fr: '# à combler',
  ro: '# de acoperit',
  ru: 'Долг: #',
  sk: '# treba vyrovnať',
};

// The number with what is on the way beside it, then the way to a reward. The page's own CSS decides how the host is
// displayed, so nothing here depends on that.
const LAYOUT =
  ':host{min-block-size:5.0625em;white-space:nowrap;overflow:hidden}' +
  'p,p+small{display:inline-block;vertical-align:bottom}' +
  'p{font-size:2em;line-height:1.25em;min-block-size:1.25em}' +
  'p+small{margin-inline-start:.75em;padding-block-end:.35em}';

/** An order's points arrive a moment after it: with `poll`, look again after these. Units: ms. */
const PAUSES = [300, 500, 1200, 3000];

/** @type {import('./types').Code} */
export default (host, given) => {
  const [, ask, count, emit, live, open, tell, words, write] = given;
  const line = open(host, CSS + LAYOUT);
  const next = reward(line, given);
  const note = document.createElement('small');
  line.after(note);
  line.part = 'points';

  /** @param {import('./types').Me | undefined} me */
  const show = (me) => {
    const { available = 0, pending = 0, deficit = 0 } = me?.points || {};
    write(line, me ? count(available) : '');
    write(note, (deficit ? words(OWED) : pending ? words(PENDING) : '').replace('#', count(deficit || pending)));
    next(me?.next_reward, available);
    if (me) emit(host, 'balance', me);
  };

  const soon = live(host, ['token'], async (signal) => {
    const headers = { Authorization: 'Bearer ' + host.getAttribute('token') };
    const look = () => (host.getAttribute('token') ? ask('shopper/v1/me', { signal, headers }) : tell('token is missing'));
    const first = await look();
    show(first);
    for (const pause of first && host.hasAttribute('poll') ? PAUSES : []) {
      await new Promise((done) => setTimeout(done, pause));
      const now = host.isConnected && !signal.aborted && (await look());
      if (!now) return;
      if (JSON.stringify(now) != JSON.stringify(first)) return show(now);
    }
  });
  document.addEventListener('tessera:refresh', () => soon());
};
