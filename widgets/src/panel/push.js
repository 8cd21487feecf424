// Messages of the browser, where the host page has our worker on its own origin (`data-push` of the script tag).

import { h } from './dom.js';

/** @param {string} key base64url */
const bytes = (key) => Uint8Array.from(atob(key.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));

/** Our registration; a worker of somebody else's may rule the same place. @param {string} worker */
const ours = async (worker) => {
  const found = await navigator.serviceWorker.getRegistration(worker);
  return found?.active?.scriptURL == new URL(worker, location.href).href ? found : undefined;
};

/**
 * The choice to get messages, and of what; nothing where the page or the browser cannot.
 * @param {import('./types').App} app @param {Record<string, boolean>} kinds
 * @param {(name: string, on: boolean, changed: (on: boolean, control: any) => void) => any} choice
 * @param {(change: object, control: any) => void} save
 */
export const push = async (app, kinds, choice, save) => {
  const worker = app.told.push;
  if (!worker || !('serviceWorker' in navigator) || !('PushManager' in window) || Notification.permission == 'denied') return '';
  const known = await ours(worker);
  const now = await known?.pushManager.getSubscription();
  const all = choice('push', !!now, async (on, control) => {
    of.hidden = !(control.checked = on && !!(await subscribe(app, worker).catch(() => null)));
    if (!on) await leave(app, worker);
    app.tell(app.say(control.checked == on ? 'saved' : 'failed'));
  });
  const of = h(
    'div',
    { hidden: !now },
    Object.entries(kinds).map(([name, on]) => choice('push_' + name, on, (checked, control) => save({ push: { [name]: checked } }, control))),
  );
  return h('fieldset', {}, all, of);
};

/** @param {import('./types').App} app @param {string} worker */
const subscribe = async (app, worker) => {
  const offered = await app.get('push');
  if (!offered?.key || (await Notification.requestPermission()) != 'granted') return;
  const registration = await navigator.serviceWorker.register(worker, { scope: worker }); // beside the page's own worker
  const coming = registration.installing || registration.waiting;
  if (coming) await new Promise((done) => coming.addEventListener('statechange', () => coming.state == 'activated' && done(0)));
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(offered.key) });
  const { endpoint, keys } = made.toJSON();
  return app.send('PUT', 'push', { endpoint, keys });
};

/** @param {import('./types').App} app @param {string} worker */
const leave = async (app, worker) => {
  const registration = await ours(worker);
  const made = await registration?.pushManager.getSubscription();
  if (made) await app.send('DELETE', 'push', { endpoint: made.endpoint });
  await made?.unsubscribe();
};
