// {dist, assets, blocks, styles} → what pages of a theme do: blocks as Liquid drew them, our scripts, and a theme that
// tells of its variants in one of three ways. Shop and server are other origins, made up here.
import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { inBrowser } from '../browser/launch.mjs';

const SHOP = 'http://shop.test';
const SERVER = 'http://tessera.test';
const CDN = 'http://cdn.test'; // Shopify's
const OPEN = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };
const FORM = `<form action="/fr/cart/add"><input name="product-id" type="hidden" value="1">
  <select name="id"><option value="11" selected>S</option><option value="12">L</option></select>
  <input name="quantity" value="1"></form>`;
const SHOPIFY = '<script>window.Shopify = { routes: { root: "/fr/" } }</script>';
const PUBSUB = '<script>const bus = {}; function subscribe(name, hear) { bus[name] = hear }</script>';
const ITEM = { product_id: 1, variant_id: 11, quantity: 2, original_price: 1999, original_line_price: 3998,
  final_line_price: 3798, gift_card: false, vendor: 'V' };
const HERS = { points: 777, text: 'This cart earns 777 points', way: { part: 0.5, text: '500 to go' },
  use: { reward: 'five', title: '5 € off', text: '500 points' } };
const REDEEMED = { id: 'r1', state: 'issued', code: 'five-9' };
const SESSION = { token: 't', expires_at: '2099-01-01T00:00:00Z' };
const VIEWPORT = { width: 390, height: 700 };
const TYPES = { js: 'text/javascript', css: 'text/css', json: 'application/json' };

/** As a shopper does before she chooses anything: what knows the page comes then. */
async function touched(seen) {
  await seen.page.mouse.click(380, 690);
  await settle(seen.page);
  return seen;
}

const settle = (page) => page.evaluate(() => new Promise((done) => setTimeout(done, 400)));

/** A page of the theme with some of our blocks, as Shopify puts it together: a block brings its stylesheet, once. */
const html = ({ blocks, styles }, { shown = ['product'], embed = 'embed', form = FORM, head = '' }) =>
  `<!doctype html><html lang="en"><title>Mug</title>
  ${[...new Set(shown.map((name) => styles[name]).filter(Boolean))].map((file) => `<link rel="stylesheet" href="/assets/${file}">`).join('')}
  ${SHOPIFY}${head}${shown.map((name) => blocks[name]).join('')}${form}${blocks[embed]}<p id=after>after`;

async function open(browser, given, { scripts = true, js = true, before, ...told } = {}) {
  const page = js ? await browser.newPage() : await browser.browser().newPage({ javaScriptEnabled: false, viewport: VIEWPORT });
  const seen = { page, asked: [], sent: [], wrong: [], files: {}, cart: { currency: 'EUR', items: [ITEM], discount_codes: [] } };
  page.on('pageerror', (error) => seen.wrong.push(`${error}`));
  if (before) await page.addInitScript(before);
  await page.route(`${CDN}/assets/**`, async (route) => {
    const file = new URL(route.request().url()).pathname.slice(8);
    await seen.late;
    if (file === seen.broken) return route.abort();
    return serve(route, seen, given.assets, file);
  });
  await page.route(`${SHOP}/**`, (route) => shop(route, seen, given, told));
  await page.route(`${SERVER}/**`, async (route) => {
    const url = new URL(route.request().url());
    const file = url.pathname.match(/^\/widgets\/v1\/([a-z/-]+\.js(on)?)$/)?.[1];
    if (file && !scripts) return route.abort();
    if (file) return serve(route, seen, given.dist, file);
    if (route.request().method() === 'OPTIONS') return route.fulfill({ status: 204, headers: OPEN });
    if (url.pathname.endsWith('/programme')) return route.fulfill({ status: 404, json: {}, headers: OPEN });
    const posted = route.request().postData();
    if (url.pathname.endsWith('/redemptions')) return route.fulfill({ json: REDEEMED, headers: OPEN });
    if (seen.answers) return route.fulfill({ json: await seen.answers(url.searchParams), headers: OPEN });
    if (url.pathname === '/shopper/v1/cart') return route.fulfill({ json: { ...HERS, ...(seen.sent.length && { use: null }) }, headers: OPEN });
    seen.asked.push(posted ? JSON.parse(posted) : Object.fromEntries(url.searchParams));
    return route.fulfill({ json: { points: 777, about: false, text: 'Earn 777 points' }, headers: OPEN });
  });
  await page.goto(SHOP);
  return seen;
}

/** Serve a file of ours, and note what it weighs. */
async function serve(route, seen, folder, file) {
  const body = await readFile(`${folder}/${file}`);
  seen.files[file] = brotliCompressSync(body).length;
  return route.fulfill({ contentType: TYPES[file.split('.').pop()], body, headers: OPEN });
}

async function shop(route, seen, given, told) {
  const request = route.request();
  const path = new URL(request.url()).pathname;
  if (path.startsWith('/assets/')) return serve(route, seen, given.assets, path.slice(8));
  if (request.method() === 'POST') {
    seen.sent.push({ path, ...JSON.parse(request.postData()) });
    const codes = JSON.parse(request.postData()).discount?.split(',');
    if (codes) seen.cart.discount_codes = codes.map((code) => ({ code, applicable: code !== 'OLD' }));
  }
  if (path.startsWith('/fr/cart')) return route.fulfill({ json: seen.cart });
  if (path === '/apps/tessera/session') return route.fulfill({ json: SESSION });
  if (path === '/fr/variants/12.js') return route.fulfill({ json: { id: 12, price: 2500 } });
  return route.fulfill({ contentType: 'text/html', body: html(given, told) });
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
  await gone.page.mouse.click(5, 5);
  await settle(gone.page);
  const on = await open(browser, given, { before: SHIFTS });
  await on.page.mouse.click(5, 5); // the loader comes, and finds everything drawn
  await on.page.waitForFunction('customElements.get("tessera-product")');
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
  const events = await touched(await open(browser, given));
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

  const pubsub = await touched(await open(browser, given, { head: PUBSUB, scripts: false }));
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

  const back = await touched(await open(browser, given));
  await back.page.evaluate(() => {
    history.pushState({}, '', '?variant=12');
    history.pushState({}, '', '?variant=11');
    history.back();
  });
  await back.page.waitForFunction('document.querySelector("tessera-product").getAttribute("price") == "25.00"');
  told.back = await product(back.page);
  return told;
}

/** What pages load before and after the first touch. */
async function weights(browser, given) {
  const weight = async (seen) => (await settle(seen.page), { ...seen.files });
  const changing = await open(browser, given, { embed: 'launcher' });
  const told = { product: await weight(changing), asked: changing.asked.length };
  await changing.page.fill('[name=quantity]', '2'); // what this brings was not there yet to hear it
  await changing.page.selectOption('select', '12');
  await changing.page.waitForFunction(() => document.querySelector('tessera-product').textContent.includes('777'));
  const { 'variant-id': chosen, quantity } = changing.asked.at(-1);
  told.changed = [[chosen, quantity], changing.wrong];

  const pressed = await open(browser, given, { embed: 'launcher' });
  await settle(pressed.page);
  const dialog = 'document.querySelector("tessera-panel").shadowRoot?.querySelector("dialog[open]")';
  const closed = await pressed.page.evaluate(`!${dialog}`);
  await pressed.page.click('[href="#tessera"]');
  await pressed.page.waitForFunction(`${dialog}?.textContent.includes('×')`);
  told.pressed = [closed, await pressed.page.locator('tessera-product').innerText(), pressed.wrong];

  const typing = await open(browser, given, { embed: 'launcher' });
  await typing.page.focus('[href="#tessera"]');
  await typing.page.keyboard.press('Enter');
  await typing.page.waitForFunction(dialog);

  const mailed = await open(browser, given, { embed: 'launcher', form: '<script>location.hash = "tessera"</script>' });
  await mailed.page.waitForFunction(dialog);

  told.balance = Object.keys(await weight(await open(browser, given, { shown: ['balance'] })));
  for (const [name, embed] of [['untold', 'untold'], ['blank', 'embed']]) {
    const blank = await open(browser, given, { shown: ['blank'], embed });
    await blank.page.waitForFunction(() => document.querySelector('tessera-product').textContent.includes('777'));
    told[name] = await weight(blank);
    await touched(blank);
    (told.blankTouched ||= []).push([blank.asked.length, blank.wrong]);
  }
  const guest = await open(browser, given, { shown: ['cart'], form: '' });
  told.cart = await weight(guest);
  told.drawn = [await guest.page.innerText('tessera-cart'), guest.asked.length];
  await guest.page.mouse.click(5, 5);
  await guest.page.waitForFunction('document.querySelector("tessera-cart").shadowRoot?.textContent.includes("777")');
  for (const shown of ['hers', 'empty'])
    (told.member ||= []).push(await weight(await open(browser, given, { shown: [shown], form: '', embed: 'member' })));
  const hers = await open(browser, given, { shown: ['hers'], form: '', embed: 'member', before: SHIFTS });
  const button = hers.page.locator('tessera-cart button');
  await button.waitFor();
  const offer = await button.innerText();
  await button.click();
  await hers.page.waitForFunction(() => customElements.get('tessera-product'));
  while (!hers.sent.length) await settle(hers.page);
  await button.waitFor({ state: 'hidden' });
  told.used = [offer, await hers.page.innerText('tessera-cart [role=status]'), hers.sent.map((one) => one.discount), hers.wrong];
  told.usedMoved = (await hers.page.evaluate('window.moved')) ?? 0;
  const small = await open(browser, given, { shown: ['mini'] });
  await small.page.waitForFunction(() => document.querySelector('tessera-cart').textContent.includes('777'));
  told.mini = [Object.keys(small.files), [...small.asked]];
  await touched(small);
  await small.page.waitForFunction('document.querySelector("tessera-cart").shadowRoot?.textContent.includes("777")');
  await settle(small.page);
  told.mini.push(small.wrong, await small.page.evaluate(() => document.querySelector('tessera-cart').shadowRoot.querySelector('[aria-live]')));
  await hers.page.evaluate(() => document.body.append(document.querySelector('tessera-cart'))); // as themes do
  told.moved = hers.wrong;
  const drawer = await open(browser, given, { shown: ['product', 'drawer'], embed: 'member' });
  told.drawer = [Object.keys(await weight(drawer))];
  await drawer.page.evaluate(() => document.querySelector('aside').hidden = false);
  await drawer.page.waitForFunction('document.querySelector("tessera-cart").shadowRoot?.textContent.includes("777")');
  told.drawer.push(Object.keys(drawer.files), drawer.wrong);
  return told;
}

/** A bar that Liquid has drawn, before and after the loader; closed, and the page opened again. */
async function bars(browser, given) {
  const seen = await open(browser, given, { shown: ['bar'], before: SHIFTS });
  const { page } = seen;
  await settle(page);
  const told = { files: Object.keys(seen.files), text: await page.innerText('tessera-bar p'), link: await page.getAttribute('tessera-bar a', 'href') };
  await page.mouse.click(200, 600);
  await page.waitForFunction('document.querySelector("tessera-bar").code');
  await settle(page);
  told.moved = (await page.evaluate('window.moved')) ?? 0;
  const height = async () => (await page.locator('tessera-bar').boundingBox()).height;
  const whole = await height();
  await page.locator('tessera-bar button').click();
  told.closed = [await page.isVisible('tessera-bar a'), (await height()) == whole];
  await page.reload();
  told.again = [await page.isVisible('tessera-bar a'), (await height()) == whole];
  told.wrong = [...seen.wrong, ...seen.asked];
  return told;
}

/** On a slow network what knows the page comes after what it is about; and where it does not come, it is asked for again. */
async function late(browser, given) {
  const told = {};
  const begin = async (more) => {
    const seen = await open(browser, given, more);
    await settle(seen.page);
    seen.late = new Promise((come) => (seen.come = come));
    return seen;
  };
  const chosen = await begin();
  await chosen.page.evaluate(() => {
    const variant = { id: 12, price: 2500 };
    const promise = new Promise((done) => setTimeout(() => done({ variant }), 100));
    document.dispatchEvent(Object.assign(new Event('shopify:product:select'), { promise })); // the form says nothing
  });
  await settle(chosen.page);
  chosen.come();
  await settle(chosen.page);
  told.chosen = [await product(chosen.page), chosen.wrong];

  const added = await begin({ shown: ['cart'] });
  added.cart.items = [{ ...ITEM, quantity: 5 }];
  await added.page.evaluate(() => {
    document.dispatchEvent(Object.assign(new Event('shopify:cart:lines-update'), { promise: Promise.resolve({}) }));
  });
  await settle(added.page);
  added.come();
  const quantity = () => JSON.parse(document.querySelector('tessera-cart script').textContent).lines[0].quantity;
  await added.page.waitForFunction(`(${quantity})() == 5`);

  const twice = await open(browser, given, { form: FORM + FORM.replace('name="id"', 'name="id" id="other"') });
  twice.broken = 'tessera-shop-page.js';
  await touched(twice);
  twice.broken = '';
  await touched(twice);
  await twice.page.selectOption('#other', '12');
  await twice.page.waitForFunction('document.querySelector("tessera-product").getAttribute("price") == "25.00"');
  told.again = twice.wrong;

  const select = FORM.replace('<input name="quantity" value="1">', '<select name="quantity"><option>1<option>2</select>');
  const still = await touched(await open(browser, given, { form: select }));
  told.still = [await still.page.innerText('tessera-product'), still.asked.length];

  // the points of the variant before come when another is there
  const stale = await open(browser, given, { shown: [] });
  await stale.page.waitForFunction('document.readyState == "complete"');
  let answer;
  stale.answers = (query) => query.get('variant-id') === '12' ? { points: 2, text: 'two' } : new Promise((done) => (answer = done));
  await stale.page.evaluate((block) => document.querySelector('form').insertAdjacentHTML('beforebegin', block), given.blocks.blank);
  await stale.page.evaluate(async ([script, shop]) => {
    const one = Object.assign(document.createElement('script'), { src: script });
    one.dataset.shop = shop;
    document.head.append(one);
  }, [`${SERVER}/widgets/v1/tessera-product.js`, 's1']);
  while (!answer) await settle(stale.page);
  await stale.page.evaluate(() => document.querySelector('tessera-product').setAttribute('variant-id', '12'));
  answer({ points: 1, text: 'one' });
  await settle(stale.page);
  told.stale = await stale.page.textContent('tessera-product');
  return told;
}

async function carts(browser, given) {
  const cart = { shown: ['cart'] };
  const heard = `document.addEventListener('tessera:cart', ({ detail }) => (window.heard ||= []).push(detail))`;
  const told = {};
  const events = await touched(await open(browser, given, { ...cart, before: heard }));
  events.cart.cart_level_discount_applications = [{ total_allocated_amount: 100 }];
  events.cart.items = [ITEM, { ...ITEM, product_id: 2, final_line_price: 1 }];
  await events.page.evaluate(() => {
    for (const name of ['lines', 'lines', 'discount'])
      document.dispatchEvent(Object.assign(new Event(`shopify:cart:${name}-update`), { promise: Promise.resolve({}) }));
  });
  await events.page.waitForFunction('window.heard');
  await settle(events.page);
  told.events = [await events.page.evaluate('window.heard'), events.wrong];

  const pubsub = await touched(await open(browser, given, { ...cart, head: PUBSUB, before: heard, scripts: false }));
  const drawn = () => pubsub.page.evaluate(() => {
    const cart = document.querySelector('tessera-cart');
    return [cart.querySelector('p')?.textContent ?? null, JSON.parse(cart.querySelector('script').textContent).lines[0].quantity];
  });
  const before = await drawn();
  await pubsub.page.evaluate('bus["cart-update"]({})');
  await pubsub.page.waitForFunction('window.heard');
  told.stale = [before, await drawn()];
  told.pubsub = await pubsub.page.evaluate('window.heard?.length');

  const silent = await open(browser, given, { ...cart, before: heard });
  await silent.page.evaluate(() => fetch('/fr/cart/change.js', { method: 'POST', body: '{}' }));
  await touched(silent); // what comes then sees what has been
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
  await plain.page.evaluate(() => {
    for (const value of ['a.b', 'a.b']) document.dispatchEvent(new CustomEvent('tessera:arm', { detail: { value } }));
  });
  await (await posted).response();
  told.arm = plain.sent.at(-1);
  const noted = plain.page.waitForRequest('**/cart/update.js');
  await plain.page.evaluate(() => document.body.dispatchEvent(new CustomEvent('tessera:referral', { bubbles: true, detail: { code: 'KXW3N-T7PQ9' } })));
  await (await noted).response();
  told.friend = plain.sent.at(-1);
  told.notes = plain.sent.filter(({ attributes }) => attributes).length;
  return told;
}

await inBrowser(async (chromium, given) => {
  const browser = await chromium.newContext({ viewport: VIEWPORT }); // one for all: a process for each page costs most
  const walks = { drawn, variants, late, bars, carts, asks, weights };
  return Object.fromEntries(await Promise.all(Object.entries(walks).map(async ([name, walk]) => [name, await walk(browser, given)])));
});
