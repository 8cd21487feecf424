// {dist, blocks, asset} → what a product page of a theme does: blocks as Liquid drew them, our scripts, and a theme that
// tells of its variants in one of three ways. Shop and server are other origins, made up here.
import { readFile } from 'node:fs/promises';
import { inBrowser } from '../browser/launch.mjs';

const SHOP = 'http://shop.test';
const SERVER = 'http://tessera.test';
const OPEN = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };
const FORM = `<form action="/fr/cart/add"><input name="product-id" type="hidden" value="1">
  <select name="id"><option value="11" selected>S</option><option value="12">L</option></select>
  <input name="quantity" value="1"></form>`;
const SHOPIFY = '<script>window.Shopify = { routes: { root: "/fr/" } }</script>';
const PUBSUB = '<script>const bus = {}; function subscribe(name, hear) { bus[name] = hear }</script>';
const ITEM = { product_id: 1, variant_id: 11, quantity: 2, original_price: 1999, original_line_price: 3998,
  final_line_price: 3798, gift_card: false, vendor: 'V' };

const settle = (page) => page.evaluate(() => new Promise((done) => setTimeout(done, 400)));

async function open(browser, given, { body = given.product + FORM, head = '', scripts = true, js = true, before } = {}) {
  const page = await browser.newPage({ javaScriptEnabled: js, viewport: { width: 390, height: 700 } });
  const seen = { page, asked: [], sent: [], wrong: [], cart: { currency: 'EUR', items: [ITEM], discount_codes: [] } };
  page.on('pageerror', (error) => seen.wrong.push(`${error}`));
  if (before) await page.addInitScript(before);
  await page.route(`${SHOP}/**`, (route) => shop(route, seen, given, SHOPIFY + head + body));
  await page.route(`${SERVER}/**`, async (route) => {
    const url = new URL(route.request().url());
    const file = url.pathname.match(/^\/widgets\/v1\/([a-z]+\.js)$/)?.[1];
    if (file && !scripts) return route.abort();
    if (file) return route.fulfill({ contentType: 'text/javascript', body: await readFile(`${given.dist}/${file}`), headers: OPEN });
    if (route.request().method() === 'OPTIONS') return route.fulfill({ status: 204, headers: OPEN });
    const posted = route.request().postData();
    seen.asked.push(posted ? JSON.parse(posted) : Object.fromEntries(url.searchParams));
    return route.fulfill({ json: { points: 777, about: false, text: 'Earn 777 points' }, headers: OPEN });
  });
  await page.goto(SHOP);
  return seen;
}

async function shop(route, seen, given, html) {
  const request = route.request();
  const path = new URL(request.url()).pathname;
  if (path === '/assets/tessera-shop.js')
    return route.fulfill({ contentType: 'text/javascript', body: await readFile(given.asset) });
  if (request.method() === 'POST') {
    seen.sent.push({ path, ...JSON.parse(request.postData()) });
    const codes = JSON.parse(request.postData()).discount?.split(',');
    if (codes) seen.cart.discount_codes = codes.map((code) => ({ code, applicable: code !== 'OLD' }));
  }
  if (path.startsWith('/fr/cart')) return route.fulfill({ json: seen.cart });
  if (path === '/fr/variants/12.js') return route.fulfill({ json: { id: 12, price: 2500 } });
  return route.fulfill({ contentType: 'text/html', body: `<!doctype html><html lang="en"><title>Mug</title><style>${await readFile(given.style)}</style>${html}${given.embed}<p id=after>after` });
}

const product = (page) =>
  page.evaluate(() => {
    const { attributes } = document.querySelector('tessera-product');
    return Object.fromEntries(['variant-id', 'price', 'quantity'].map((name) => [name, attributes[name]?.value]));
  });

const SHIFTS = `new PerformanceObserver((all) => all.getEntries().forEach((one) => (window.moved = (window.moved || 0) + one.value)))
  .observe({ type: 'layout-shift', buffered: true })`;

async function drawn(browser, given) {
  const off = await open(browser, given, { js: false });
  const gone = await open(browser, given, { scripts: false, before: SHIFTS });
  await settle(gone.page);
  const on = await open(browser, given, { before: SHIFTS });
  await settle(on.page);
  const text = (seen) => seen.page.locator('tessera-product').innerText();
  const box = (seen) => seen.page.locator('tessera-product').boundingBox();
  return {
    off: [await text(off), (await box(off)).height >= 30],
    gone: [await text(gone), (await gone.page.evaluate('window.moved')) ?? 0],
    moved: (await on.page.evaluate('window.moved')) ?? 0,
    asked: on.asked,
    wrong: [...on.wrong, ...gone.wrong],
  };
}

async function variants(browser, given) {
  const told = {};
  const events = await open(browser, given);
  await events.page.evaluate(() => {
    const variant = { id: 'gid://shopify/ProductVariant/12', price: { amount: '25.5', currencyCode: 'EUR' } };
    const event = new Event('shopify:product:select', { bubbles: true });
    Object.assign(event, { product: { id: 'gid://shopify/Product/1' }, promise: Promise.resolve({ variant }) });
    document.querySelector('form').dispatchEvent(event);
    for (const promise of [Promise.resolve({ variant: null }), Promise.resolve(null), Promise.reject(new Error('no'))])
      document.dispatchEvent(Object.assign(new Event('shopify:product:select'), { promise }));
  });
  await settle(events.page);
  const changed = () => document.querySelector('tessera-product').textContent.includes('777');
  await events.page.waitForFunction(changed);
  told.events = [await product(events.page), events.asked.at(-1)?.price, events.wrong];
  told.text = await events.page.evaluate(() => {
    return document.querySelector('tessera-product').textContent.replace('\u2068', '');
  });

  const pubsub = await open(browser, given, { head: PUBSUB, scripts: false });
  told.before = await pubsub.page.locator('tessera-product').innerText();
  await pubsub.page.evaluate('bus["variant-change"]({ data: { variant: { id: 12, product_id: 1, price: 2600 } } })');
  told.pubsub = await product(pubsub.page);
  told.after = await pubsub.page.locator('tessera-product').innerText();

  const dom = await open(browser, given);
  await dom.page.selectOption('select', '12');
  await dom.page.fill('[name=quantity]', '3');
  await dom.page.locator('[name=quantity]').blur();
  await dom.page.waitForFunction('document.querySelector("tessera-product").getAttribute("price") == "25.00"');
  told.dom = [await product(dom.page), dom.wrong];

  const back = await open(browser, given);
  await back.page.evaluate(() => {
    history.pushState({}, '', '?variant=12');
    history.pushState({}, '', '?variant=11');
    history.back();
  });
  await back.page.waitForFunction('document.querySelector("tessera-product").getAttribute("price") == "25.00"');
  told.back = await product(back.page);
  return told;
}

async function carts(browser, given) {
  const body = given.cart;
  const heard = `document.addEventListener('tessera:cart', ({ detail }) => (window.heard ||= []).push(detail))`;
  const told = {};
  const events = await open(browser, given, { body, before: heard });
  events.cart.cart_level_discount_applications = [{ total_allocated_amount: 100 }];
  events.cart.items = [ITEM, { ...ITEM, product_id: 2, final_line_price: 1 }];
  await events.page.evaluate(() => {
    for (const name of ['lines', 'lines', 'discount'])
      document.dispatchEvent(Object.assign(new Event(`shopify:cart:${name}-update`), { promise: Promise.resolve({}) }));
  });
  await events.page.waitForFunction('window.heard');
  await settle(events.page);
  told.events = [await events.page.evaluate('window.heard'), events.wrong];

  const pubsub = await open(browser, given, { body, head: PUBSUB, before: heard });
  await pubsub.page.evaluate('bus["cart-update"]({})');
  await pubsub.page.waitForFunction('window.heard');
  told.pubsub = await pubsub.page.evaluate('window.heard?.length');

  const silent = await open(browser, given, { body, before: heard });
  await silent.page.evaluate(() => fetch('/fr/cart/change.js', { method: 'POST', body: '{}' }));
  await silent.page.waitForFunction('window.heard');
  await settle(silent.page);
  told.silent = await silent.page.evaluate('window.heard?.length');
  return told;
}

const APPLY = `code => new Promise(done => { const event = new CustomEvent('tessera:apply', { bubbles: true, cancelable: true,
  detail: { code, done: (ok, message) => done([ok, message ?? null]) } });
  if (document.body.dispatchEvent(event)) done('nobody'); })`;

async function asks(browser, given) {
  const plain = await open(browser, given);
  plain.cart.discount_codes = [{ code: 'SPRING', applicable: true }];
  const told = { plain: [await plain.page.evaluate(`(${APPLY})('five-1')`), plain.sent] };
  told.refused = await plain.page.evaluate(`(${APPLY})('OLD')`);
  const acting = await open(browser, given);
  await acting.page.evaluate(() => {
    window.calls = [];
    Shopify.actions = { updateCart: async (given) => (calls.push(given), { userErrors: [{ message: 'Too many codes' }] }) };
  });
  told.acting = [await acting.page.evaluate(`(${APPLY})('five-1')`), await acting.page.evaluate('calls')];
  const gone = await open(browser, given);
  await gone.page.route(`${SHOP}/fr/**`, (route) => route.abort());
  told.gone = await gone.page.evaluate(`(${APPLY})('five-1')`);
  const posted = plain.page.waitForRequest('**/cart/update.js');
  await plain.page.evaluate(() => document.dispatchEvent(new CustomEvent('tessera:arm', { detail: { value: 'a.b' } })));
  await (await posted).response();
  told.arm = plain.sent.at(-1);
  const noted = plain.page.waitForRequest('**/cart/update.js');
  await plain.page.evaluate(() => document.body.dispatchEvent(new CustomEvent('tessera:referral', { bubbles: true, detail: { code: 'KXW3N-T7PQ9' } })));
  await (await noted).response();
  told.friend = plain.sent.at(-1);
  return told;
}

await inBrowser(async (browser, given) => {
  const [first, chosen, cart, asked] = await Promise.all([drawn, variants, carts, asks].map((walk) => walk(browser, given)));
  return { drawn: first, variants: chosen, carts: cart, asks: asked };
});
