// <tessera-ask>: a review, a question, a photo: what it brings, and the way to the shop's own form; where the programme
// takes the shopper's word for it, a small form here.
import CSS from './ask.css';
import { isTime, wayOf } from './ways.js';

/** @type {import('./types').Code} */
export default async (host, given) => {
  const [, , , open, , write, , { login }, files] = given;
  const box = open(host, CSS, 'div');
  const [kind, subject, href] = ['kind', 'product', 'href'].map((name) => host.getAttribute(name) || undefined);
  box.hidden = true;
  if (!(await isTime(given, host))) return;
  const way = await wayOf(given, host, kind, subject);
  const to = href || (way?.self_reported && login);
  if (!way || way.open === false || !(to || way.tells)) return;
  const own = way.tells && !href;
  const [said, worth, act] = ['p', 'small', own ? 'button' : 'a'].map((name) => box.appendChild(document.createElement(name)));
  if (!said || !worth || !act) return;
  said.append(document.createElement('slot'), worth);
  write(worth, way.text);
  act.textContent = way.do || way.name;
  if (own) act.onclick = async () => (await import(files + 'form.js')).default(host, given, act, { kind, subject });
  else act.setAttribute('href', to);
  box.hidden = false;
};
