// What moved the points, each with its reason; and the places in contests.
import { localeOf } from '../words.js';
import { h } from './dom.js';

/** @type {import('./types').View} */
export const history = async (app) => {
  const { data = [] } = (await app.get('entries')) || {};
  if (!data.length) return [h('p', { className: 'empty' }, app.say('no_history'))];
  return [
    h(
      'ol',
      { className: 'history' },
      data.map((/** @type {any} */ entry) =>
        h(
          'li',
          { className: 'row' },
          h(
            'details',
            {},
            h('summary', {}, h('b', {}, entry.title), h('small', {}, app.day(entry.at) + ' · ', h('u', {}, app.say('why')))),
            h('p', {}, entry.sentence),
          ),
          entry.points
            ? h('span', { className: entry.points < 0 ? 'less' : 'more' }, entry.points.toLocaleString(localeOf(app.language), { signDisplay: 'always' }))
            : '',
        ),
      ),
    ),
  ];
};

/** @type {import('./types').View} */
export const boards = async (app) => {
  const { data = [] } = (await app.get('leaderboards')) || {};
  if (!data.length) return [h('p', { className: 'empty' }, app.say('no_boards'))];
  return data.map((/** @type {any} */ board) => {
    const { own } = board;
    const first = board.places.slice(0, 10);
    const rows = own && !first.some((/** @type {any} */ row) => row.place == own.place) ? [...first, own] : first;
    /** Others may share the place. @param {any} row */
    const mine = (row) => row.place == own?.place;
    const place = rows.indexOf(rows.find((/** @type {any} */ row) => mine(row) && row.name == own.name) || rows.find(mine));
    /** @param {any} row */
    const value = (row) =>
      board.by == 'spend' ? app.money({ amount: row.value, currency: app.facts.currency }) : board.by == 'points' ? app.points(+row.value) : row.value;
    return h(
      'section',
      {},
      h('h3', {}, app.say('board_' + board.by)),
      h('p', { className: 'soft' }, `${app.day(board.from)} – ${app.last(board.to)}`),
      h(
        'ol',
        { className: 'places' },
        rows.map((/** @type {any} */ row, /** @type {number} */ i) =>
          h(
            'li',
            { className: i == place ? 'row own' : 'row' },
            h('span', {}, `${row.place}. `, i == place ? app.say('you') : row.name || app.say('someone')),
            h('span', {}, value(row), row.prize ? h('small', {}, app.points(row.prize)) : ''),
          ),
        ),
      ),
    );
  });
};
