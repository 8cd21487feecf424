// The worker shows what is ours, in place of what it has shown already, and a click leads to the shop.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const CODE = readFileSync(new URL('../../widgets/dist/push-worker.js', import.meta.url), 'utf8');
const MESSAGE = { title: 'Club', body: 'You earned 399 points', tag: 'tessera-1', lang: 'en', icon: null };

/** Run the worker; `pages` are the shop's open ones. */
function start(pages = []) {
  const heard = {};
  const seen = { shown: [], opened: [] };
  const self = {
    addEventListener: (name, listener) => (heard[name] = listener),
    registration: { showNotification: async (...shown) => seen.shown.push(shown) },
    clients: { matchAll: async () => pages, openWindow: async (url) => seen.opened.push(url) },
  };
  vm.runInNewContext(CODE, { self });
  const tell = async (name, event) => {
    const waits = [];
    heard[name]({ ...event, waitUntil: (work) => waits.push(work) });
    await Promise.all(waits);
    return waits.length;
  };
  const push = (text) => tell('push', { data: text === undefined ? null : { json: () => JSON.parse(text) } });
  const click = (tag) => tell('notificationclick', { notification: { tag, close: () => (seen.closed = true) } });
  return { seen, push, click };
}

test('a message is shown under its tag, so that a second one takes its place', async () => {
  const { seen, push } = start();
  await push(JSON.stringify(MESSAGE));
  assert.deepEqual(JSON.parse(JSON.stringify(seen.shown)), [
    ['Club', { body: 'You earned 399 points', tag: 'tessera-1', lang: 'en' }],
  ]);
});

test('what another sender pushes is left to whoever it is for', async () => {
  const { seen, push, click } = start();
  for (const text of [undefined, '', '{', 'null', '7', '{"title":"x"}', '{"title":"x","tag":"other"}']) {
    assert.equal(await push(text), 0);
  }
  assert.equal(await click('other'), 0);
  assert.deepEqual(seen.shown, []);
});

test('a click opens the shop', async () => {
  const { seen, click } = start();
  await click('tessera-1');
  assert.deepEqual([seen.closed, seen.opened], [true, ['/']]);
});

test('a click brings an open page of the shop to the front', async () => {
  let focused = 0;
  const { seen, click } = start([{ focus: async () => (focused += 1) }]);
  await click('tessera-1');
  assert.deepEqual([focused, seen.opened], [1, []]);
});
