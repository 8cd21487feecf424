// The service worker that shows messages. A site that has one of its own writes in it:
// importScripts('https://…/widgets/v1/push-worker.js')
/** @typedef {{ title: string, body: string, tag: string, lang: string, icon: string | null }} Message */

const worker = /** @type {any} */ (self);
const OURS = 'tessera-';

worker.addEventListener('push', (/** @type {any} */ event) => {
  /** @type {Message | undefined} */
  let message;
  try {
    message = event.data?.json();
  } catch {
    // another sender's
  }
  if (!message?.title || !message.tag?.startsWith(OURS)) return;
  const { title, icon, ...shown } = message;
  event.waitUntil(worker.registration.showNotification(title, icon ? { ...shown, icon } : shown));
});

worker.addEventListener('notificationclick', (/** @type {any} */ event) => {
  if (!event.notification.tag.startsWith(OURS)) return;
  event.notification.close();
  event.waitUntil(show());
});

/** Bring an open page of the shop to the front, or open its first page. */
const show = async () => {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = pages.find((/** @type {any} */ page) => 'focus' in page);
  return open ? open.focus() : worker.clients.openWindow('/');
};
