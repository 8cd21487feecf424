import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { inBrowser } from '../../tests/browser/launch.mjs';
const CSS = '<style>tessera-product{display:block;min-height:2em}</style>';
const FORM = '<form id=buy><label><input type=radio name=variant value=v1 data-price=19.99 checked></label><input name=quantity type=number value=1></form><p id=price></p>';
const OWN = `<script>document.querySelector('#buy').addEventListener('input', ({ currentTarget }) => { document.querySelector('#price').textContent = 1; });
fetch('/page/own').then((answer) => answer.text()).then((text) => document.body.append(text.length));</script>`;
const HOST = '<tessera-product product-id=p1 variant-id=v1 price=19.99 quantity=1 currency=EUR for="#buy"></tessera-product>';
await inBrowser(async (browser, { kinds, rounds }) => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://here');
    const parts = pathname.split('/');
    const type = (name) => ({ 'Content-Type': name });
    if (parts[1] == 'page') { const k = parts[2]; const tag = kinds[k] ? `<script src="/w/${k}/v1/tessera.js" data-shop="s1" async></script>` : '';
      return response.writeHead(200, type('text/html')).end(`<!doctype html><html lang=en><title>shop</title>${CSS}${tag}${HOST}${FORM}${OWN}`); }
    await new Promise((d) => setTimeout(d, 30));
    if (pathname.endsWith('.js')) return response.writeHead(200, type('text/javascript')).end(await readFile(`${kinds[parts[2]]}`));
    response.writeHead(200, type('application/json')).end(JSON.stringify({ points: 199, about: false, text: 'Earn 199 points', note: '' }));
  });
  await new Promise((d) => server.listen(0, '127.0.0.1', d));
  const base = `http://127.0.0.1:${server.address().port}`;
  const found = Object.fromEntries(Object.keys(kinds).map((k) => [k, []]));
  for (let r = 0; r <= rounds; r += 1) for (const kind of Object.keys(kinds)) {
    const context = await browser.newContext(); const page = await context.newPage();
    const inside = await context.newCDPSession(page);
    await inside.send('Performance.enable', { timeDomain: 'threadTicks' });
    await inside.send('Page.navigate', { url: `${base}/page/${kind}` });
    await page.waitForTimeout(450);
    const { metrics } = await inside.send('Performance.getMetrics');
    if (r) found[kind].push(metrics.find(({ name }) => name == 'ScriptDuration').value * 1000);
    await context.close();
  }
  server.close();
  return Object.fromEntries(Object.entries(found).map(([k, v]) => [k, v.sort((a, b) => a - b)[v.length >> 1].toFixed(2) + ' min ' + v[0].toFixed(2)]));
});
