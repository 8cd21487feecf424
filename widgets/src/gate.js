// <tessera-gate>: its content is for members of a tier, for who has a reward, or for the early ones. It hides, and
// that is all it does: who must not buy is kept from it by the shop's platform.
import CSS from './gate.css';

const ASKED = ['tier', 'product', 'content', 'early'];

/** A timer cannot wait longer than this. Units: ms. */
const MOST = 2 ** 31 - 1;

/** @type {import('./types').Code} */
export default (host, [ask, emit, live, open, , write, , { login }]) => {
  const content = open(host, CSS, 'slot');
  const [notice, who, when, door] = ['div', 'p', 'small', 'a'].map((name) => document.createElement(name));
  if (!notice || !who || !when || !door) return;
  content.after(notice);
  notice.append(who, when, door);
  content.hidden = notice.hidden = true;
  door.setAttribute('href', login + '');

  const soon = live(host, [...ASKED, 'token'], async (current) => {
    const query = new URLSearchParams(ASKED.map((name) => [name, host.getAttribute(name) || '']));
    const told = (await ask(host, `gate?${query}&`, {})) || {};
    if (!current()) return;
    content.hidden = !told.open;
    notice.hidden = !told.text;
    write(who, told.text);
    write(when, told.note);
    door.hidden = !login || !told.enter;
    door.textContent = told.enter;
    emit(host, 'gate', { open: !!told.open });
    const wait = Date.parse(told.opens_at) - Date.now();
    if (wait > 0 && wait < MOST) setTimeout(soon, wait + 1e3);
  });
};
