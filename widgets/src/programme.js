// <tessera-programme>: the whole programme as a page: what earns, what points buy, levels, friends, questions.
import CSS from './programme.css';
import { bar, h } from './panel/dom.js';
import { localeOf, tongueOf, voice, wordsOf } from './words.js';

/** @type {import('./types').Code} */
export default async (host, given) => {
  const [ask, emit, live, open, , , language, { login, join = login }, files] = given;
  const page = open(host, CSS, 'div');
  const tongue = tongueOf(language);
  page.lang = tongue;

  live(host, ['token'], async (current) => {
    const [facts, me, words] = await Promise.all([ask(host, 'programme?', {}, 2), ask(host, 'me?', {}, 1), wordsOf(files, tongue).catch(() => null)]);
    if (!facts || !words || !current()) return;
    const { say, points, money } = voice(language, words, facts.points_name);
    const { currency, tiers, tier_measure: measure, referral, faq, ways, rewards, rate } = facts;
    const locale = localeOf(language);

    /** @param {string} title @param {...any} inside */
    const part = (title, ...inside) => h('section', {}, h('h3', {}, say(title)), ...inside);
    /** @param {string} name @param {any} worth */
    const item = (name, worth) => h('li', {}, h('b', {}, name), h('small', {}, worth));
    /** @param {{ points?: number, reward?: string }} given */
    const gift = ({ points: n, reward }) => [n && points(n), reward].filter(Boolean).join(' + ');

    const hero = me
      ? [h('p', {}, me.text.available), me.way && [bar(me.way.part, me.way.text), h('small', {}, me.way.text)]]
      : [
          h('p', {}, say('guest_text')),
          join && h('a', { className: 'main', href: join }, say('join')),
          login && h('a', { href: login }, say('log_in')),
        ];

    /** What a level needs and gives: a row for each, where any level has it. @type {[string, (tier: any) => any][]} */
    const rows = [
      ['level_from', ({ enter }) => +enter && (measure.by == 'spend' ? money({ amount: enter, currency }) : measure.by == 'points' ? points(+enter) : say('orders', { n: +enter }))],
      ['level_times', ({ multiplier }) => multiplier && multiplier != 1 && '×' + (+multiplier).toLocaleString(locale)],
      ['level_discount', ({ perks }) => perks.discount_percent && (perks.discount_percent / 100).toLocaleString(locale, { style: 'percent', maximumFractionDigits: 2 })],
      ['level_shipping', ({ perks }) => perks.free_shipping && h('span', { role: 'img', ariaLabel: say('level_shipping') }, '✓')],
      ['level_early', ({ perks }) => perks.early_access_days && perks.early_access_days.toLocaleString(locale, { style: 'unit', unit: 'day', unitDisplay: 'long' })],
      ['level_birthday', ({ perks }) => perks.birthday_points && points(perks.birthday_points)],
      ['level_entry', ({ perks }) => gift({ points: perks.entry_points, reward: rewards.find((/** @type {any} */ one) => one.key == perks.entry_reward)?.title })],
    ];
    /** @param {any} tier */
    const own = ({ key }) => (key == me?.tier?.key ? 'own' : '');
    const table = () =>
      h(
        'table',
        {},
        h('thead', {}, h('tr', {}, h('td', {}), tiers.map((/** @type {any} */ tier) => h('th', { scope: 'col', className: own(tier) }, tier.name, own(tier) && h('small', {}, ' · ' + say('level_yours')))))),
        h(
          'tbody',
          {},
          rows
            .map(([name, tell]) => [name, tiers.map((/** @type {any} */ tier) => [tier, tell(tier)])])
            .filter(([, cells]) => cells.some((/** @type {any} */ [, told]) => told))
            .map(([name, cells]) => h('tr', {}, h('th', { scope: 'row' }, say(name)), cells.map((/** @type {any} */ [tier, told]) => h('td', { className: own(tier) }, told || '–')))),
        ),
      );

    const parts = [
      h('section', { className: 'hero' }, h('h2', {}, facts.name), hero),
      part(
        'view_earn',
        h(
          'ul',
          {},
          item(say('earn_orders'), say('per', { points: points(+rate.points), money: money({ amount: rate.per, currency }) })),
          ways.map((/** @type {any} */ way) => item(way.name, way.text)),
        ),
      ),
      rewards.length && part('view_rewards', h('ul', {}, rewards.map((/** @type {any} */ reward) => item(reward.title, reward.points ? points(reward.points) : '')))),
      tiers.length > 1 &&
        part(
          'levels',
          h('div', { className: 'scroll', role: 'region', tabIndex: 0, ariaLabel: say('levels') }, table()),
          h('small', {}, measure.sentence),
        ),
      referral && part('view_friends', h('p', {}, say('friends_text')), h('ul', {}, ['referrer', 'friend'].map((who) => gift(referral[who]) && item(say('gets_' + who), gift(referral[who]))))),
      faq.length && part('view_faq', faq.map((/** @type {any} */ one) => h('details', {}, h('summary', {}, one.question), h('p', {}, one.answer)))),
      h('small', {}, facts.expiry.sentence),
    ];
    page.replaceChildren(...parts.filter(Boolean));
    emit(host, 'programme', facts);
  });
};
