// Ways to earn; what a browser may tell is one tap.
import { h } from './dom.js';

/** @type {import('./types').View} */
export const earn = async (app) => {
  const told = app.me ? await app.get('activities') : null;
  /** @type {any[]} */
  const ways = told ? told.data : app.facts.ways || [];
  const order = ways.filter((way) => way.open !== false || way.reason == 'cap_reached').sort((a, b) => Number(b.open ?? true) - Number(a.open ?? true));
  return [
    h('p', { className: 'lead' }, app.facts.earn || app.say('earn_orders')),
    h('ul', {}, order.map((way) => wayItem(app, way))),
    app.me && app.facts.referral !== null && h('nav', {}, h('button', { className: 'door', onclick: () => app.show('friends') }, app.say('view_friends'))),
  ].filter(Boolean);
};

/** One way to earn. @param {import('./types').App} app @param {any} way */
export const wayItem = (app, way) => {
  const worth = way.points ? app.points(way.points) : way.rate ? app.say('per', { points: app.points(Number(way.rate.points)), money: app.money({ amount: way.rate.per, currency: way.currency }) }) : '';
  const done = way.open === false && way.reason == 'cap_reached';
  return h(
    'li',
    { className: 'row' },
    h('div', {}, h('b', {}, way.name), h('small', {}, [worth, way.left != null && way.left > 1 && app.say('left', { n: way.left })].filter(Boolean).join(' · '))),
    done ? h('span', { className: 'done' }, app.say('done')) : app.me && action(app, way),
  );
};

/** The button of a way, where one tap can do it. @param {import('./types').App} app @param {any} way */
const action = (app, way) => {
  if (way.open === false) return '';
  if (way.kind == 'birthday' || way.subject == 'birthday') return h('button', { onclick: () => app.show('settings') }, app.say('tell_birthday'));
  if (!way.self_reported) return '';
  const button = h('button', { className: 'main', onclick: () => tell(app, way, button) }, app.say('do_it'));
  return button;
};

/** @param {import('./types').App} app @param {any} way @param {any} button */
const tell = async (app, way, button) => {
  button.disabled = true;
  const made = await app.send('POST', 'activities', { kind: way.kind, subject: way.subject ?? undefined });
  if (!made) {
    button.disabled = false;
    return app.tell(app.say('failed'));
  }
  app.tell(made.state == 'review' ? app.say('in_review') : app.say('got_points', { points: app.points(made.points) }));
  app.me = (await app.get('me')) || app.me;
  app.refresh();
  await app.show('earn');
};
