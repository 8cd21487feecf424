// <tessera-panel>: the programme in a drawer: balance, rewards and codes, ways to earn, history, friends, settings.
// Its code comes when the address ends in #tessera, so any link of the page opens it; `inline` puts it into the page.
import CSS from './panel/panel.css';
import { h } from './panel/dom.js';
import { home } from './panel/home.js';
import { earn } from './panel/earn.js';
import { codes, rewards } from './panel/rewards.js';
import { boards, history } from './panel/history.js';
import { friends } from './panel/friends.js';
import { card, faq, settings } from './panel/you.js';
import { LANGUAGES, tongueOf, voice, wordsOf } from './words.js';

const VIEWS = { home, earn, rewards, codes, history, boards, friends, card, faq, settings };

/** @type {import('./types').Code} */
export default async (host, given) => {
  const [ask, emit, , open, , , language, told, files] = given;
  const inline = host.hasAttribute('inline');
  const frame = /** @type {HTMLDialogElement} */ (/** @type {unknown} */ (open(host, CSS, inline ? 'section' : 'dialog')));
  const tongue = tongueOf(language);
  const body = h('div', { className: 'body' });
  let title = h('h2', { id: 't' });
  const spoken = h('p', { className: 'spoken', role: 'status' });
  frame.setAttribute('aria-labelledby', 't');
  frame.lang = tongue;

  const app = /** @type {import('./panel/types').App} */ ({
    host,
    given,
    told,
    facts: {},
    me: undefined,
    language,
    languages: LANGUAGES,
    get: (path) => ask(host, path + '?', {}, 1),
    send: (method, path, sent) =>
      ask(host, path + '?', { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent) }, 1),
    ...voice(language, {}),
    last: (end) => app.day(new Date(Date.parse(end) - 1000).toISOString()),
    tell: (text) => (spoken.textContent = text),
    show,
    refresh: () => document.dispatchEvent(new Event('tessera:refresh')),
  });

  /** Show a view; the way back leads home. @param {keyof typeof VIEWS} name */
  async function show(name) {
    const view = await VIEWS[name](app);
    const text = name == 'home' ? app.facts.name || app.say('title') : app.say('view_' + name);
    const old = title;
    old.replaceWith((title = h('h2', { id: 't', tabIndex: -1 }, text))); // a new one: nothing that is there moves
    back.hidden = name == 'home';
    body.replaceChildren(...view);
    body.dataset.view = name;
    frame.scrollTop = 0;
    if (!inline || shown) title.focus({ preventScroll: inline });
    shown = true;
  }
  let shown = false;

  const back = h('button', { className: 'icon', hidden: true, onclick: () => show('home') }, h('span', { className: 'arrow' }));
  const close = !inline && h('button', { className: 'icon', onclick: () => frame.close() }, '×');
  if (!inline) frame.before(h('slot'));
  frame.append(h('header', {}, back, title, close || ''), body, spoken);

  /** Fetch what every view needs. */
  const load = async () => {
    const [said, facts, me] = await Promise.all([
      wordsOf(files, tongue),
      ask(host, 'programme?', {}, 2),
      ask(host, 'me?', {}, 1),
    ]).catch(() => []);
    if (!said) return inline || frame.close(); // without a word there is nothing to show
    app.facts = facts || {};
    Object.assign(app, voice(language, said, app.facts.points_name, app.facts.zone));
    app.me = me;
    back.ariaLabel = app.say('back');
    if (close) close.ariaLabel = app.say('close');
    look();
    if (facts || me) return show('home');
    title.textContent = app.say('title');
    body.replaceChildren(h('p', { className: 'empty' }, app.say('failed')));
  };

  /** The merchant's colours, where the page has none of its own; corners, side and logo. */
  const look = () => {
    const { accent, accent_text, accent_dark, accent_dark_text, radius, logo, launcher } = app.facts.look || {};
    const { style } = frame;
    if (accent && !getComputedStyle(host).getPropertyValue('--tessera-accent')) {
      style.setProperty('--accent', `light-dark(${accent}, ${accent_dark})`);
      style.setProperty('--on-accent', `light-dark(${accent_text}, ${accent_dark_text})`);
    }
    if (radius != null) style.setProperty('--round', radius + 'px');
    if (launcher?.side == 'left') frame.classList.add('left');
    if (logo && title.previousSibling == back) title.before(h('img', { src: logo, alt: '', onerror: (/** @type {any} */ event) => event.target.remove() }));
  };

  const begin = async () => {
    if (inline) return load();
    past.replaceState(null, '', location.pathname + location.search); // the same link opens it again
    frame.showModal();
    body.replaceChildren(h('p', { className: 'wait' }, '…'));
    await load();
    emit(host, 'open', {});
  };

  frame.addEventListener('click', (event) => event.target == frame && frame.close()); // beside the drawer
  if (!inline) {
    addEventListener('hashchange', () => location.hash == '#tessera' && !frame.open && begin());
    addEventListener('popstate', () => location.hash != '#tessera' && frame.close()); // a phone's way back
  }
  document.addEventListener('tessera:refresh', async () => {
    const known = app.me;
    app.me = await ask(host, 'me?', {}, 1);
    if (!known == !app.me) return;
    body.replaceChildren(); // somebody has logged in or out: nothing of before may stay
    if (inline) load();
    else frame.close();
  });
  await begin();
};

const past = window.history;
