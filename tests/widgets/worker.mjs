// The worker of messages in a real browser: what it shows when a push service delivers, on a page it does not rule.
// A headless shell keeps no notifications: there `shown` is empty.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { inBrowser } from '../browser/launch.mjs';

await inBrowser(async (browser, { dist }) => {
  const server = createServer((asked, answer) => {
    const script = asked.url.startsWith('/apps/tessera/');
    answer.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    answer.end(script ? readFileSync(`${dist}/push-worker.js`) : '<!doctype html><title>A shop</title>');
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const origin = `http://127.0.0.1:${server.address().port}`;
  try {
    const context = await browser.newContext();
    await context.grantPermissions(['notifications'], { origin });
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    const known = new Promise((found) => {
      wire.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && found(registrations[0]));
    });
    await wire.send('ServiceWorker.enable');
    await page.goto(`${origin}/products/mug`);
    await page.evaluate(async () => {
      const address = '/apps/tessera/push-worker.js';
      const registration = await navigator.serviceWorker.register(address, { scope: address });
      const worker = registration.installing ?? registration.waiting;
      if (worker) {
        await new Promise((done) => worker.addEventListener('statechange', () => worker.state === 'activated' && done()));
      }
    });
    const { registrationId, scopeURL } = await known;
    const [worker] = context.serviceWorkers();
    await worker.evaluate(() => {
      self.told = [];
      const show = self.registration.showNotification.bind(self.registration);
      self.registration.showNotification = (title, more) => {
        self.told.push({ title, ...more });
        return show(title, more);
      };
    });
    const deliver = (message) =>
      wire.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(message) });
    const message = { title: 'Club', body: 'You earned 399 points', tag: 'tessera-1', lang: 'en', icon: null };
    await deliver(message);
    await deliver(message);
    await deliver({ ...message, body: 'You are Gold now', tag: 'tessera-2' });
    const shown = () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration('/apps/tessera/push-worker.js');
        const list = (await registration?.getNotifications()) ?? [];
        return list.map(({ title, body, tag, lang }) => ({ title, body, tag, lang }));
      });
    const told = () => worker.evaluate(() => self.told);
    for (let tries = 0; tries < 100 && (await told()).length < 3; tries++) await page.waitForTimeout(50);
    for (let tries = 0; tries < 20 && (await shown()).length < 2; tries++) await page.waitForTimeout(50);
    return { scope: new URL(scopeURL).pathname, told: await told(), shown: await shown(), ruled: await page.evaluate(() => !!navigator.serviceWorker.controller) };
  } finally {
    server.close();
  }
});
