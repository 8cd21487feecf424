// The first view: what the shopper has, what is on the way, and the doors to everything else.
import { bar, h } from './dom.js';
import { forPoints, rewardItem, ticket } from './rewards.js';
import { wayItem } from './earn.js';

/** @type {import('./types').View} */
export const home = async (app) => (app.me ? member(app) : guest(app));

/** A row that leads to a view. @param {import('./types').App} app @param {string} view @param {string} [more] */
export const door = (app, view, more) =>
  h('button', { className: 'door', onclick: () => app.show(view) }, h('span', {}, app.say('view_' + view)), more && h('small', {}, more));

/** @param {import('./types').App} app */
const member = async (app) => {
  const [offers, mine] = await Promise.all([app.get('rewards'), app.get('redemptions')]);
  const usable = (mine?.data || []).filter((/** @type {any} */ one) => one.usable && one.code);
  const onOffer = forPoints(offers);
  const open = onOffer.filter((/** @type {any} */ one) => one.available);
  return [
    balance(app),
    tier(app),
    usable.length &&
      h('section', {}, h('h3', {}, app.say('view_codes')), h('ul', {}, usable.slice(0, 2).map((/** @type {any} */ one) => ticket(app, one)))),
    open.length &&
      h(
        'section',
        {},
        h('h3', {}, app.say('ready')),
        h('ul', {}, open.slice(0, 2).map((/** @type {any} */ one) => rewardItem(app, one))),
      ),
    h(
      'nav',
      {},
      door(app, 'rewards', `${onOffer.length || ''}`),
      door(app, 'earn'),
      usable.length > 2 && door(app, 'codes', `${usable.length}`),
      app.facts.referral !== null && door(app, 'friends'),
      door(app, 'history'),
      app.facts.ways?.some((/** @type {any} */ way) => way.kind == 'leaderboard_prize') && door(app, 'boards'),
      door(app, 'card'),
      app.facts.faq?.length && door(app, 'faq'),
      door(app, 'settings'),
    ),
  ].filter(Boolean);
};

/** @param {import('./types').App} app */
const balance = (app) => {
  const { text, way, points } = /** @type {import('../types').Me} */ (app.me);
  const dated = [...points.coming.filter(({ at }) => at), ...points.coming.filter(({ at }) => !at)];
  const soon = points.expiring[0];
  return h(
    'section',
    { className: 'hero' },
    h('p', { className: 'big' }, text.available),
    text.note && h('p', { className: 'soft' }, text.note),
    dated.length &&
      h(
        'ul',
        { className: 'dates' },
        dated.map(({ points, at }) => h('li', {}, at ? app.say('from', { points: app.points(points), day: app.day(at) }) : app.say('after', { points: app.points(points) }))),
      ),
    soon && h('p', { className: 'soft' }, app.say('expiring', { points: app.points(soon.points), day: app.last(soon.at) })),
    way && [bar(way.part, way.text), h('p', { className: 'soft' }, way.text)],
  );
};

/** @param {import('./types').App} app */
const tier = (app) => {
  const mine = app.me?.tier;
  if (!mine || (app.facts.tiers && app.facts.tiers.length < 2)) return '';
  const until = mine.keeps_until && app.say('keeps', { day: app.last(mine.keeps_until) });
  const enter = app.facts.tiers?.find((/** @type {any} */ one) => one.key == mine.next?.key)?.enter;
  const text = mine.sentence || until || '';
  return h(
    'section',
    { className: 'tier' },
    h('h3', {}, mine.name),
    enter > 0 && bar(1 - mine.next.missing / enter, text),
    h('p', { className: 'soft' }, text),
  );
};

/** @param {import('./types').App} app */
const guest = (app) => {
  const { ways = [], rewards = [], faq = [] } = app.facts;
  const join = app.told.join || app.told.login;
  return [
    h(
      'section',
      { className: 'hero' },
      h('p', { className: 'big' }, app.say('guest_title')),
      h('p', {}, app.say('guest_text')),
      join && h('a', { className: 'main', href: join }, app.say('join')),
      app.told.login && h('a', { href: app.told.login }, app.say('log_in')),
    ),
    ways.length && h('section', {}, h('h3', {}, app.say('view_earn')), h('ul', {}, ways.map((/** @type {any} */ way) => wayItem(app, way)))),
    rewards.length &&
      h(
        'section',
        {},
        h('h3', {}, app.say('view_rewards')),
        h('ul', {}, rewards.map((/** @type {any} */ reward) => h('li', { className: 'row' }, h('b', {}, reward.title || reward.name || reward.key), h('small', {}, reward.points ? app.points(reward.points) : '')))),
      ),
    faq.length && h('nav', {}, door(app, 'faq')),
  ].filter(Boolean);
};
