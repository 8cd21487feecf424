// Rewards, and the codes they became.
import { apply, redeem } from '../redeem.js';
import { bar, h } from './dom.js';

/** What can be had for points: what only rules give is no offer. @param {any} told */
export const forPoints = (told) =>
  (told?.data || []).filter((/** @type {any} */ one) => !one.reasons.some((/** @type {any} */ reason) => reason.code == 'given_only'));

/** @type {import('./types').View} */
export const rewards = async (app) => {
  const data = forPoints(await app.get('rewards'));
  if (!data.length) return [h('p', { className: 'empty' }, app.say('no_rewards'))];
  const order = [...data].sort((a, b) => Number(b.available) - Number(a.available) || a.points - b.points);
  return [h('ul', {}, order.map((offer) => rewardItem(app, offer)))];
};

/** @type {import('./types').View} */
export const codes = async (app) => {
  const { data = [] } = (await app.get('redemptions')) || {};
  const usable = data.filter((/** @type {any} */ one) => one.usable && one.code);
  if (!usable.length) return [h('p', { className: 'empty' }, app.say('no_codes'))];
  return [h('ul', {}, usable.map((/** @type {any} */ one) => ticket(app, one)))];
};

/** One reward, with what it takes. @param {import('./types').App} app @param {any} offer */
export const rewardItem = (app, offer) => {
  const least = offer.min_basket && app.say('from_basket', { money: app.money(offer.min_basket) });
  const why = h('small', { className: 'soft' }, offer.why);
  const amount =
    offer.rate &&
    h('input', { type: 'number', value: offer.points, min: offer.min_points || 1, max: Math.min(offer.max_points || Infinity, app.me?.points.available || 0), ariaLabel: app.say('how_many') });
  const button = h('button', { className: 'main', 'data-key': offer.key, onclick: () => take(app, offer, button, amount) }, app.say('redeem'));
  return h(
    'li',
    { className: 'row' },
    h('div', {}, h('b', {}, offer.title), h('small', {}, [app.points(offer.points), least].filter(Boolean).join(' · '))),
    offer.available
      ? h('div', { className: 'do' }, amount, button)
      : offer.reasons[0].code != 'insufficient_points' // always the last
        ? why
        : h('div', { className: 'far' }, bar(1 - offer.missing_points / offer.points, offer.why), why),
  );
};

/** Spend points, then show the code. @param {import('./types').App} app @param {any} offer @param {any} button @param {any} amount */
const take = async (app, offer, button, amount) => {
  if (amount && !amount.reportValidity()) return;
  button.disabled = true;
  const wanted = amount ? { reward: offer.key, points: Number(amount.value) } : { reward: offer.key };
  const made = await redeem(app.given, app.host, wanted);
  button.disabled = false;
  if (!made) return app.tell(app.say('failed'));
  app.tell(made.code ? app.say('got_code', { code: made.code }) : app.say(made.state == 'held' ? 'got_soon' : 'got'));
  app.me = (await app.get('me')) || app.me;
  app.refresh();
  await app.show(made.code ? 'codes' : 'home');
};

/** One code, to copy or to use. @param {import('./types').App} app @param {any} one */
export const ticket = (app, one) => {
  const least = one.value.min_basket && app.say('from_basket', { money: app.money(one.value.min_basket) });
  const until = one.lapses_at && app.say('until', { day: app.last(one.lapses_at) });
  const code = h('code', {}, one.code);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(one.code);
      app.tell(app.say('copied'));
    } catch {
      getSelection()?.selectAllChildren(code);
    }
  };
  const use = h('button', {
    className: 'main',
    onclick: async () => {
      use.disabled = true;
      const done = await apply(app.given, app.host, one.code);
      use.disabled = false;
      app.tell(app.say(done ? 'applied' : 'not_applied'));
      if (!done) await copy();
    },
  }, app.say('use_it'));
  return h(
    'li',
    { className: 'ticket' },
    h('div', {}, h('b', {}, one.title), code, h('small', { className: 'soft' }, [least, until].filter(Boolean).join(' · '))),
    h('div', { className: 'do' }, use, h('button', { onclick: copy, ariaLabel: app.say('copy_code', { code: one.code }) }, app.say('copy'))),
  );
};
