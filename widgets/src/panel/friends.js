// The shopper's own link, to share.
import { h } from './dom.js';

/** @type {import('./types').View} */
export const friends = async (app) => {
  const mine = await app.get('referral');
  if (!mine) return [h('p', { className: 'empty' }, app.say('no_friends'))];
  const link = mine.url || mine.code;
  const field = h('input', { readOnly: true, value: link, ariaLabel: app.say('your_link'), onfocus: () => field.select() });
  const text = app.facts.name || document.title;
  const enc = encodeURIComponent;
  const copy = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(link);
      app.tell(app.say('copied'));
    } catch {
      /* the link is selected: the shopper copies it */
    }
  };
  const { rewarded = 0, open = 0, waiting = 0 } = mine.counts;
  return [
    h('p', { className: 'lead' }, app.facts.referral?.text || app.say('friends_text')),
    h('div', { className: 'join' }, field, h('button', { className: 'main', onclick: copy }, app.say('copy'))),
    h(
      'div',
      { className: 'share' },
      'share' in navigator && h('button', { onclick: () => navigator.share({ text, url: link }).catch(() => {}) }, app.say('share')),
      h('a', { href: `https://wa.me/?text=${enc(`${text} ${link}`)}`, target: '_blank', rel: 'noopener' }, 'WhatsApp'),
      h('a', { href: `https://www.facebook.com/sharer/sharer.php?u=${enc(link)}`, target: '_blank', rel: 'noopener' }, 'Facebook'),
      h('a', { href: `mailto:?subject=${enc(text)}&body=${enc(link)}` }, app.say('mail')),
    ),
    h('p', { className: 'soft' }, app.say('friends_count', { n: rewarded + open + waiting }) + (rewarded ? ' · ' + app.say('friends_rewarded', { n: rewarded }) : '')),
  ];
};
