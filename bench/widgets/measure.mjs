// {dist, theme, twins, rounds} → script time of the main thread, per kind of page: `none` has no widget, `bare` the least script
// that asks and shows the answer, `drawn` is ours on a page that came with the text, `theme` and `theme_asks` are pages of
// a theme of Shopify before the first touch, with the text and without; then ours and the twins.
// CPU time of the thread, so neighbours on the machine do not count. Each load is cold: a fresh context knows no code.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { inBrowser } from '../../tests/browser/launch.mjs';

const LATENCY_MS = 30;
const REST_MS = 500; // both requests, and the pause of 150 ms after a change, are over by then
const CSS = '<style>tessera-product{display:block;min-height:2em}</style>';
const FORM =
  '<form id=buy><label><input type=radio name=variant value=v1 data-price=19.99 checked></label>' +
  '<label><input type=radio name=variant value=v2 data-price=25.00></label><input name=quantity type=number value=1></form><p id=price></p>';
// The shop's own script, as every shop has: the first script of a page pays for what all then use.
const OWN = `<script>
document.querySelector('#buy').addEventListener('input', ({ currentTarget }) => {
  document.querySelector('#price').textContent = currentTarget.querySelector(':checked').dataset.price;
});
fetch('/page/own').then((answer) => answer.text()).then((text) => document.body.append(text.length));
</script>`;
const HOST = '<tessera-product product-id=p1 variant-id=v1 price=19.99 quantity=1 currency=EUR for="#buy">TEXT</tessera-product>';
const KINDS = { none: '', bare: 'bare', theme: 'tessera-shop', theme_asks: 'tessera-shop-product', drawn: 'tessera', ours: 'tessera', preact: 'preact', lit: 'lit' };
const BARE = `{ const host = document.querySelector('tessera-product'), form = document.querySelector('#buy');
  const ask = async () => {
    const chosen = form.querySelector(':checked');
    const answer = await fetch('/widget/v1/s1/product?price=' + chosen.dataset.price + '&quantity=' + form.quantity.value);
    host.textContent = (await answer.json()).text;
  };
  let timer;
  form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
  ask(); }`;

/** Pages that come with the text. */
const DRAWN = ['theme', 'drawn'];

/** What an embed of a theme says besides. */
const TOLD = 'data-script="/widgets/v1/tessera.js" data-page="/widgets/v1/tessera-shop-page.js"';

/** The shop's page, and a server with some way to go. */
function answering({ dist, theme, twins }) {
  const type = (name) => ({ 'Content-Type': name, 'Cache-Control': 'max-age=300' });
  return createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://here');
    const [, folder, second, third] = pathname.split('/');
    const name = third ?? second;
    if (folder == 'page') {
      const file = KINDS[name];
      const told = name.startsWith('theme') ? TOLD + ' defer' : 'async';
      const tag = file && `<script src="/widgets/v1/${file}.js" data-shop="s1" ${told}></script>`;
      const host = DRAWN.includes(name) ? HOST.replace('>TEXT', ' drawn>Earn 199 points') : HOST.replace('TEXT', '');
      return response.writeHead(200, type('text/html')).end(`<!doctype html><html lang=en><title>shop</title>${CSS}${tag}${host}${FORM}${OWN}`);
    }
    await new Promise((done) => setTimeout(done, LATENCY_MS));
    if (folder == 'widgets') {
      const from = { 'preact.js': twins, 'lit.js': twins }[name] ?? (name.startsWith('tessera-shop') ? theme : dist);
      return response.writeHead(200, type('text/javascript')).end(name == 'bare.js' ? BARE : await readFile(`${from}/${name}`));
    }
    const points = Math.floor(searchParams.get('price') * searchParams.get('quantity') * 10);
    const text = `Earn ${points.toLocaleString('en')} points`;
    return response.writeHead(200, type('application/json')).end(JSON.stringify({ points, about: false, text, note: '' }));
  });
}

/** What the widget shows, whichever it is: in its shadow, or as its own content. */
const SHOWN = `{ const host = document.querySelector('tessera-product');
  host.textContent + (host.shadowRoot?.querySelector('.text')?.textContent ?? '') }`;

/** The shopper takes another variant, and then four of it. */
const CHANGE = `for (const [name, set] of [['[value=v2]', { checked: true }], ['[name=quantity]', { value: 4 }]]) {
  const input = Object.assign(document.querySelector(name), set);
  input.dispatchEvent(new Event('input', { bubbles: true }));
}`;

/**
 * One visit: the page with its first text, then another variant and another quantity. Units: ms.
 * Playwright's own selectors and waits run in the page and would be counted: only the protocol is used here.
 */
async function visit(browser, base, kind) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const inside = await context.newCDPSession(page);
  await inside.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async () => {
    await page.waitForTimeout(REST_MS);
    const { metrics } = await inside.send('Performance.getMetrics');
    return metrics.find(({ name }) => name == 'ScriptDuration').value * 1000;
  };
  const run = async (expression) => (await inside.send('Runtime.evaluate', { expression })).result.value;
  await inside.send('Page.navigate', { url: `${base}/page/${kind}` });
  const load = await spent();
  const first = await run(SHOWN);
  if (kind.startsWith('theme')) {
    await context.close();
    return first.includes('199') ? { load } : visit(browser, base, kind);
  }
  await run(CHANGE);
  const both = await spent();
  const then = await run(SHOWN);
  await context.close();
  const late = kind != 'none' && !(first.includes('199') && then.includes('1,000'));
  return late ? visit(browser, base, kind) : { load, change: both - load }; // a busy machine: look again
}

await inBrowser(async (browser, given) => {
  const server = answering(given);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${server.address().port}`;
  const found = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  for (let round = 0; round <= given.rounds; round += 1)
    for (const kind of Object.keys(KINDS)) {
      const one = await visit(browser, base, kind);
      if (round) found[kind].push(one); // the first round warms up
    }
  server.close();
  return found;
});
