// {source} → what our blocks draw on Shopify's own pages of a customer. Shopify's elements stay plain here, and the
// server is made up.
import { build } from '../../widgets/node_modules/esbuild/lib/main.js';
import { inBrowser } from '../browser/launch.mjs';

const ME = { text: { available: '1 240 points', note: '50 points en attente' }, tier: { name: 'Gold', sentence: null },
  way: { text: 'Encore 60 points', part: 0.9 } };
const ENTRIES = { data: Array.from({ length: 7 }, (_, n) => ({ at: `2026-0${n + 1}`, points: n ? n : -500, sentence: `<b>Reason ${n}</b>` })) };
const LINE = { merchandise: { id: 'gid://shopify/ProductVariant/11', product: { id: 'gid://shopify/Product/1', vendor: 'V' } },
  quantity: 2, cost: { totalAmount: { amount: 37.98, currencyCode: 'EUR' } } };
const SHOP = { myshopifyDomain: 'mugs.myshopify.com', storefrontUrl: 'https://mugs.example/fr' };
const STUB = `globalThis.shopify = { sessionToken: { get: async () => 'token' }, lines: { value: LINES }, shop: SHOP,
  localization: { language: { value: { isoCode: 'fr-CA' } } },
  i18n: { translate: (key) => key, formatNumber: (number) => String(number) } }`;

async function block(browser, given, name, { lines = [LINE], shop = SHOP, answers } = {}) {
  const page = await browser.newPage();
  const seen = { asked: [], wrong: [] };
  page.on('pageerror', (error) => seen.wrong.push(`${error}`));
  const entry = `import draw from './${name}.jsx'; ${STUB.replace('LINES', JSON.stringify(lines)).replace('SHOP', JSON.stringify(shop))}; draw().then(() => (window.done = true))`;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: given.source },
    bundle: true, write: false, format: 'iife', jsx: 'automatic', jsxImportSource: 'preact',
    nodePaths: [given.modules], logLevel: 'silent',
  });
  await page.route('**', async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    if (url.host !== 'tessera.example') return route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' });
    const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };
    if (request.method() === 'OPTIONS') return route.fulfill({ status: 204, headers });
    const posted = request.postData();
    seen.asked.push([url.pathname + url.search, (await request.allHeaders()).authorization, posted && JSON.parse(posted)]);
    const answer = answers[url.pathname.split('/').pop()];
    return answer ? route.fulfill({ json: answer, headers }) : route.fulfill({ status: 401, json: {}, headers });
  });
  await page.goto('https://extensions.example/');
  await page.addScriptTag({ content: outputFiles[0].text });
  await page.waitForFunction('window.done');
  const html = await page.evaluate(() => document.body.innerHTML.replace(/<script.*?<\/script>/gs, ''));
  return { ...seen, html, text: await page.evaluate(() => document.body.innerText) };
}

await inBrowser(async (chromium, given) => {
  const browser = await chromium.newContext(); // one for all: a process for each page costs most
  return {
    points: await block(browser, given, 'points', { answers: { me: ME, entries: ENTRIES } }),
    stranger: await block(browser, given, 'points', { answers: {} }),
    earned: await block(browser, given, 'earned', { answers: { earned: { text: 'Vous recevrez 379 points', points: 379 } } }),
    guest: await block(browser, given, 'earned', { answers: { earned: { text: 'Vous recevrez 379 points', join: true } } }),
    unnamed: await block(browser, given, 'earned', { shop: { myshopifyDomain: SHOP.myshopifyDomain }, answers: { earned: { text: 'T', join: true } } }),
    nothing: await block(browser, given, 'earned', { answers: { earned: { text: '', points: 0 } } }),
    empty: await block(browser, given, 'earned', { lines: [], answers: {} }),
  };
});
