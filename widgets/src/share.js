// <tessera-share>: passes a page on by the device's own sheet, or by links; and what that brings.
import CSS from './share.css';
import { h } from './panel/dom.js';
import { did, isTime, wayOf } from './ways.js';

/** @type {import('./types').Code} */
export default async (host, given) => {
  const [, emit, , open, , write] = given;
  const box = open(host, CSS);
  if (!(await isTime(given, host))) return;
  const kind = 'social_share';
  const way = await wayOf(given, host, kind);
  if (!way && !host.textContent?.trim()) return;
  const url = new URL(host.getAttribute('url') || '', location.href).href;
  const title = host.getAttribute('title') || document.title;
  const note = h('small');

  /** Passed on: told once. @param {string} [subject] */
  const done = async (subject) => {
    emit(host, 'share', { url });
    const made = way?.tells && (await did(given, host, { kind, subject }));
    if (made) way.tells = write(note, made.text);
  };
  /** @param {string} name @param {string} href */
  const link = (name, href) => h('a', { href, target: '_blank', rel: 'noopener', onclick: () => done(name.toLowerCase()) }, name);
  const [to, what] = [url, title].map(encodeURIComponent);
  const links = () => {
    main.replaceWith(
      link('WhatsApp', `https://wa.me/?text=${what}%20${to}`),
      link('Facebook', 'https://www.facebook.com/sharer/sharer.php?u=' + to),
      link('E-mail', `mailto:?subject=${what}&body=${to}`),
    );
    box.querySelector('a')?.focus();
  };
  const onclick = () => (navigator.share ? navigator.share({ title, url }).then(() => done(), () => {}) : links());
  const main = h('button', { onclick }, h('slot', {}, way?.name));
  box.append(main, note);
  if (way?.open !== false) write(note, way?.text);
};
