// The card for the shop's counter, questions and answers, and what the shopper decides.
import { h, picture } from './dom.js';
import { push } from './push.js';

/** @type {import('./types').View} */
export const card = async (app) => {
  const mine = await app.get('card');
  if (!mine) return [h('p', { className: 'empty' }, app.say('failed'))];
  return [
    h('p', { className: 'lead' }, app.say('card_text')),
    h('figure', { className: 'card' }, picture(mine.qr, app.say('card_name', { number: mine.number })), h('figcaption', {}, mine.number)),
  ];
};

/** @type {import('./types').View} */
export const faq = (app) =>
  (app.facts.faq || []).map((/** @type {any} */ one) => h('details', { className: 'question' }, h('summary', {}, one.question), h('p', {}, one.answer)));

/** The language of mail and messages. @param {import('./types').App} app @param {string | null} known @param {(change: object) => void} save */
const language = (app, known, save) => {
  const tongues = [...new Set([...app.languages, known].filter(Boolean))];
  /** @param {any} tongue */
  const name = (tongue) => new Intl.DisplayNames(tongue, { type: 'language' }).of(tongue);
  const options = tongues.map((tongue) => h('option', { value: tongue, selected: tongue == known, lang: tongue }, name(tongue)));
  const control = h('select', { onchange: () => save({ language: control.value || null }) }, h('option', { value: '' }, app.say('language_page')), options);
  return control;
};

/** @type {import('./types').View} */
export const settings = async (app) => {
  const mine = await app.get('settings');
  if (!mine) return [h('p', { className: 'empty' }, app.say('failed'))];

  /** @param {object} change @param {any} [control] */
  const save = async (change, control) => {
    const now = await app.send('PATCH', 'settings', change);
    if (!now && control?.type == 'checkbox') control.checked = !control.checked;
    app.tell(app.say(now ? 'saved' : 'failed'));
    return now;
  };

  /** @param {string} name @param {boolean} checked @param {(on: boolean, control: any) => void} changed */
  const choice = (name, checked, changed) => {
    const control = h('input', { type: 'checkbox', checked, onchange: () => changed(control.checked, control) });
    return h('label', { className: 'choice' }, h('span', {}, app.say(name)), control);
  };

  const date = h('input', { type: 'date', value: mine.birthday || '', disabled: !mine.birthday_changeable });
  const form = h(
    'form',
    {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (date.value) save({ birthday: date.value });
      },
    },
    h('label', {}, app.say('birthday'), date),
    mine.birthday_changeable ? h('button', {}, app.say('save')) : h('small', { className: 'soft' }, app.say('birthday_fixed')),
  );
  const name = h('input', {
    maxLength: 40,
    autocomplete: 'nickname',
    value: mine.leaderboards?.name || '',
    onchange: async () => {
      const now = await save({ leaderboards: { name: name.value.trim() || null } });
      if (now) name.value = now.leaderboards.name || '';
    },
  });
  return [
    form,
    h(
      'fieldset',
      {},
      h('legend', {}, app.say('mail_choices')),
      Object.entries(mine.mail || {}).map(([name, on]) => choice('mail_' + name, !!on, (checked, control) => save({ mail: { [name]: checked } }, control))),
    ),
    await push(app, mine.push || {}, choice, save),
    h('label', { className: 'choice' }, h('span', {}, app.say('language')), language(app, mine.language, save)),
    app.facts.ways?.some((/** @type {any} */ way) => way.kind == 'leaderboard_prize') &&
      h('form', { onsubmit: (/** @type {Event} */ event) => event.preventDefault() }, h('label', {}, app.say('board_name'), name)),
  ].filter(Boolean);
};
