// What moved the points, each with its reason; and the places in contests.
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
            h('summary', {}, h('b', {}, app.say('kind_' + entry.kind)), h('small', {}, app.day(entry.at) + ' · ', h('u', {}, app.say('why')))),
            h('p', {}, entry.sentence),
          ),
          entry.points
            ? h('span', { className: entry.points < 0 ? 'less' : 'more' }, entry.points.toLocaleString(app.language || undefined, { signDisplay: 'always' }))
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
  return data.map((/** @type {any} */ board) =>
    h(
      'section',
      {},
      h('h3', {}, app.say('board_' + (board.by || 'spend'))),
      h(
        'ol',
        { className: 'places' },
        board.places.slice(0, 10).map((/** @type {any} */ row) => h('li', { className: row.place == board.own?.place ? 'row own' : 'row' }, h('span', {}, `${row.place}.`), h('span', {}, row.place == board.own?.place ? app.say('you') : ''), h('b', {}, `${row.score ?? row.value ?? ''}`))),
      ),
    ),
  );
};
