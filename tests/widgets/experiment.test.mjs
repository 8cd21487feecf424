// The browser's part of an experiment: drawn once, kept as a key, said once.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import judge, { arm, exposed } from '../../widgets/src/experiment.js';

const SPRING = {
  key: 'spring',
  arms: [
    { key: 'points', share: '0.45' },
    { key: 'none', share: '0.45' },
    { key: 'holdout', share: '0.1' },
  ],
};
const BASE = 'https://points.example/widget/v1/shop1';

/** A store that keeps what it is given. */
const keeping = (kept = {}) => ({ kept, getItem: (name) => kept[name] ?? null, setItem: (name, value) => (kept[name] = value) });
const throwing = { getItem: () => { throw new Error('denied'); }, setItem: () => { throw new Error('denied'); } };

let sent, told, taken;
const put = (name, value) => Object.defineProperty(globalThis, name, { configurable: true, ...value });

beforeEach(() => {
  [sent, told, taken] = [[], [], true];
  const store = keeping();
  put('localStorage', { value: store });
  put('navigator', { value: { sendBeacon: (url, body) => taken && sent.push([url, body]) > 0 } });
  put('document', { value: new EventTarget() });
  document.addEventListener('tessera:arm', (event) => told.push(event.detail));
});

test('an arm is drawn by its share', () => {
  const drawn = (number) => arm(SPRING, () => number, keeping());
  assert.deepEqual([0, 0.4499, 0.45, 0.8999, 0.9001, 0.99999].map(drawn), ['points', 'points', 'none', 'none', 'holdout', 'holdout']);
  const counts = { points: 0, none: 0, holdout: 0 };
  for (let number = 0; number < 1; number += 0.0001) counts[drawn(number)]++;
  for (const one of SPRING.arms) assert.ok(Math.abs(counts[one.key] - 10_000 * one.share) < 3, one.key);
});

test('it stays over visits, whatever would be drawn then', () => {
  const store = keeping();
  assert.equal(arm(SPRING, () => 0.5, store), 'none');
  for (const number of [0, 0.3, 0.95]) assert.equal(arm(SPRING, () => number, store), 'none');
});

test('only the key of the arm is kept', () => {
  const store = keeping();
  arm(SPRING, () => 0.123456, store);
  assert.deepEqual(store.kept, { 'tessera-arm': 'spring:points' });
});

test('another experiment draws anew', () => {
  const store = keeping();
  arm(SPRING, () => 0, store);
  assert.equal(arm({ ...SPRING, key: 'summer' }, () => 0.95, store), 'holdout');
  assert.equal(arm({ ...SPRING, key: 'summer' }, () => 0, store), 'holdout');
  assert.deepEqual(store.kept, { 'tessera-arm': 'summer:holdout' });
});

test('an arm that was made up, or is no more, is drawn anew', () => {
  for (const kept of ['spring:gold', 'spring', 'nonsense', 'springpoints', ''])
    assert.equal(arm(SPRING, () => 0.5, keeping({ 'tessera-arm': kept })), 'none');
});

test('shares that do not quite sum up leave nobody without an arm', () => {
  const thirds = { key: 'a', arms: [{ key: 'points', share: '0.3' }, { key: 'none', share: '0.3' }] };
  assert.equal(arm(thirds, () => 0.9999999, keeping()), 'points');
});

test('without an experiment there is no arm, and what was kept stays', () => {
  const store = keeping({ 'tessera-arm': 'spring:none' });
  for (const none of [null, undefined, {}, { key: 'a', arms: [] }]) assert.equal(arm(none, Math.random, store), null);
  assert.equal(arm(SPRING, () => 0, store), 'none');
});

test('who cannot keep an arm has none', () => {
  assert.equal(arm(SPRING, () => 0, throwing), null);
  assert.equal(arm(SPRING, () => 0, { ...keeping(), setItem: throwing.setItem }), null);
  put('localStorage', { get: () => { throw new Error('SecurityError'); } });
  assert.equal(arm(SPRING), null);
});

test('the browser’s own storage and chance are used', () => {
  const found = arm(SPRING);
  assert.ok(SPRING.arms.some((one) => one.key == found));
  assert.equal(localStorage.kept['tessera-arm'], 'spring:' + found);
});

test('it is said to us once and to the page each time', () => {
  for (let visit = 0; visit < 3; visit++) exposed(BASE, SPRING, 'none');
  assert.deepEqual(sent, [[BASE + '/exposures', '{"experiment":"spring","arm":"none"}']]);
  assert.deepEqual(told, Array(3).fill({ value: 'spring:none' }));
  exposed(BASE, { ...SPRING, key: 'summer' }, 'none');
  assert.equal(sent.length, 2);
});

test('a beacon that was not taken is sent on the next page', () => {
  taken = false;
  exposed(BASE, SPRING, 'points');
  taken = true;
  exposed(BASE, SPRING, 'points');
  exposed(BASE, SPRING, 'points');
  assert.equal(sent.length, 1);
});

test('where nothing can be kept or sent the page is told all the same', () => {
  put('localStorage', { get: () => { throw new Error('SecurityError'); } });
  exposed(BASE, SPRING, 'points');
  put('localStorage', { value: keeping() });
  put('navigator', { value: {} });
  exposed(BASE, SPRING, 'points');
  assert.deepEqual([sent.length, told.length], [0, 2]);
});

test('what earns is shown in the arm of points alone, and counted in each', () => {
  const draw = (number) => {
    put('localStorage', { value: keeping({ 'tessera-arm': `spring:${number}` }) });
    return judge('https://points.example', 'shop1', { experiment: SPRING, points: 399 });
  };
  document.querySelectorAll = () => [];
  assert.deepEqual(['points', 'none', 'holdout'].map(draw), [true, false, false]);
  assert.deepEqual(sent.map(([url, body]) => [url, JSON.parse(body).arm]), ['points', 'none', 'holdout'].map((arm) =>
    ['https://points.example/widget/v1/shop1/exposures', arm]));
});

test('facts of the programme are shown in every arm, and nobody is counted for them', () => {
  put('localStorage', { value: keeping({ 'tessera-arm': 'spring:none' }) });
  assert.equal(judge('https://points.example', 'shop1', { experiment: SPRING, name: 'Club' }), true);
  assert.deepEqual([sent, told], [[], []]);
});

test('where nothing is earned nobody has seen points', () => {
  put('localStorage', { value: keeping({ 'tessera-arm': 'spring:none' }) });
  assert.equal(judge('https://points.example', 'shop1', { experiment: SPRING, points: 0 }), false);
  assert.deepEqual([sent, told], [[], []]);
});

test('it is small', async (context) => {
  const esbuild = await import('../../widgets/node_modules/esbuild/lib/main.js').catch(() => null);
  if (!esbuild) return context.skip('esbuild is not installed: `npm ci` in widgets');
  const entryPoints = [new URL('../../widgets/src/experiment.js', import.meta.url).pathname];
  const { outputFiles } = await esbuild.build({ entryPoints, bundle: true, format: 'esm', minify: true, target: 'es2022', write: false });
  const bytes = brotliCompressSync(outputFiles[0].contents).length;
  assert.ok(bytes <= 450, `${bytes} bytes`);
});
