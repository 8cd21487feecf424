// The card for the shop's counter, questions and answers, and what the shopper decides.
import { h, picture } from './dom.js';
import { push } from './push.js';

/** @type {import('./types').View} */
export const card = async (app) => {
  const mine = await app.get('card');
  if (!mine) return [h('p', { className: 'empty' }, app.say('failed'))];
  const spaced = mine.number.replace(/(.{4})(?=.)/g, '$1 ');
  return [
    h('p', { className: 'lead' }, app.say('card_text')),
    h('figure', { className: 'card' }, picture(mine.qr, app.say('card_name', { number: mine.number })), h('figcaption', {}, spaced)),
  ];
};

/** @type {import('./types').View} */
export const faq = (app) =>
  (app.facts.faq || []).map((/** @type {any} */ one) => h('details', { className: 'question' }, h('summary', {}, one.question), h('p', {}, one.answer)));

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
  return [
    form,
    h(
      'fieldset',
      {},
      h('legend', {}, app.say('mail_choices')),
      Object.entries(mine.mail || {}).map(([name, on]) => choice('mail_' + name, !!on, (checked, control) => save({ mail: { [name]: checked } }, control))),
    ),
    await push(app, choice),
  ].filter(Boolean);
};
