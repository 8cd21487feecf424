// {dist} → what the elements do on a shop's page, scenario by scenario. The shop and the server are other origins, as in
// life; both are made up here, so that the server can be slow, wrong or gone.
import { readFile } from "node:fs/promises";
import { inBrowser } from "../browser/launch.mjs";

const SHOP = "http://shop.test";
const SERVER = "http://tessera.test";
const TAG = `<script src="${SERVER}/widgets/v1/tessera.js" data-shop="s1" async></script>`;
const CSS =
  "<style>tessera-product{display:block;min-height:2em}tessera-cart{display:block;min-height:4.0625em}" +
  "tessera-balance{display:block;min-height:5.0625em}</style>";
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src ${SERVER}; connect-src ${SERVER}`;
const OPEN = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };
const MUG = 'currency="EUR" product-id="p1" variant-id="v1" price="19.99"';

const PROGRAMME = { rewards: [{ key: "five", points: 500, amount: { amount: "5.00", currency: "EUR" } }, { key: "tea", points: 900 }] };

const points = ({ points = 399, ...more } = {}) => ({ points, about: false, ...more });

/** A page of the shop with `body`, and a server whose answers are `answers[path]`: a value, a status or a function. */
async function shop(browser, given, body, answers = {}, { lang = "en", dir = "ltr", tag = TAG, before } = {}) {
  const page = await browser.newPage({ viewport: { width: 390, height: 700 } });
  if (before) await page.addInitScript(before);
  const seen = { console: [], files: [], asked: [], busy: 0, page };
  page.on("console", (said) => said.text().startsWith("[tessera]") && seen.console.push(said.text()));
  page.on("pageerror", (error) => seen.console.push(String(error)));
  const html = `<!doctype html><html lang="${lang}" dir="${dir}"><title>shop</title>${CSS}${tag}${body}<p id=after>after</p>`;
  await page.route(`${SHOP}/**`, (route) =>
    route.fulfill({ contentType: "text/html", body: html, headers: { "Content-Security-Policy": POLICY } }),
  );
  page.on("request", () => (seen.busy += 1));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, () => (seen.busy -= 1));
  await page.route(`${SERVER}/widgets/v1/*`, async (route) => {
    const name = new URL(route.request().url()).pathname.split("/").pop();
    seen.files.push(name);
    const file = await readFile(`${given.dist}/${name}`);
    await route.fulfill({ contentType: "text/javascript", body: file, headers: OPEN });
  });
  await page.route(/tessera\.test\/(widget|shopper)\//, (route) => answer(route, answers, seen));
  await page.goto(SHOP);
  return seen;
}

async function answer(route, answers, seen) {
  const request = route.request();
  const url = new URL(request.url());
  if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers: OPEN });
  const body = request.postData();
  seen.asked.push({ path: url.pathname, ...Object.fromEntries(url.searchParams), ...(body && { body: JSON.parse(body) }) });
  const kind = url.pathname.split("/").pop();
  const given = answers[kind];
  const told = typeof given === "function" ? await given(url.searchParams, seen.asked.length) : given;
  if (told === "gone") return route.abort().catch(() => {});
  if (typeof told === "number") return route.fulfill({ status: told, headers: OPEN, body: "{}" });
  await route.fulfill({ json: told ?? points(), headers: OPEN }).catch(() => {}); // the page may have given up
}

const text = (seen, element, part = "p") =>
  seen.page.evaluate(([e, p]) => document.querySelector(e).shadowRoot?.querySelector(p)?.textContent.replace("\u2068", ""), [element, part]);

/** Give the page time, and more of it while a request is under way: a busy machine is slow, not wrong. */
async function settle(seen, ms = 300) {
  do await seen.page.waitForTimeout(ms);
  while (seen.busy);
}

const top = (seen) => seen.page.evaluate(() => document.querySelector("#after").getBoundingClientRect().top);
const product = (more = "") => `<tessera-product ${MUG} ${more}></tessera-product>`;

async function plain(browser, given) {
  const seen = await shop(browser, given, product('quantity="2" tags="a,b" vendor="V"'));
  const before = await top(seen);
  await settle(seen);
  return { ...seen, page: 0, text: await text(seen, "tessera-product"), moved: (await top(seen)) - before };
}

/** In the page: note each text of a first line, with what screen readers are told at that very moment. */
function watch() {
  window.announced = [];
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    const note = () => {
      const { ariaLive } = root.querySelector("p");
      const textContent = root.querySelector("p").textContent.replace("\u2068", "");
      const [last] = window.announced.at(-1) ?? [];
      if (textContent && textContent !== last) window.announced.push([textContent, ariaLive]);
    };
    new MutationObserver(note).observe(root, { childList: true, subtree: true });
    return root;
  };
}

async function announced(browser, given) {
  const answer = (query) => points({ points: query.get("quantity") * 100 });
  const seen = await shop(browser, given, product('quantity="1"'), { product: answer }, { before: watch });
  await settle(seen);
  await seen.page.evaluate(() => document.querySelector("tessera-product").setAttribute("quantity", "2"));
  await settle(seen, 500);
  return seen.page.evaluate(() => window.announced);
}

async function form(browser, given) {
  const options = '<label><input type=radio name=variant value=v1 data-price=19.99 checked></label><label><input type=radio name=variant value=v2 data-price=25></label>';
  const body = `<form id=buy>${options}<input name=quantity type=number value=1></form>${product('for="#buy"')}`;
  const seen = await shop(browser, given, body, { product: (query) => points({ points: query.get("price") * query.get("quantity") * 10 }) });
  await settle(seen);
  const first = await text(seen, "tessera-product");
  await seen.page.evaluate(() => {
    const change = (input, set) => {
      Object.assign(input, set);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    change(document.querySelector("[value=v2]"), { checked: true });
    for (const value of ["2", "3", "4"]) change(document.querySelector("[name=quantity]"), { value });
  });
  await settle(seen, 500);
  const { variant, price, quantity } = seen.asked.at(-1);
  return { first, then: await text(seen, "tessera-product"), asked: seen.asked.length, variant, price, quantity };
}

async function outdated(browser, given) {
  const slow = async (query) => {
    if (query.get("quantity") === "1") await new Promise((done) => setTimeout(done, 700));
    return points({ points: Number(query.get("quantity")) * 100 });
  };
  const seen = await shop(browser, given, product('quantity="1"'), { product: slow });
  while (!seen.asked.length) await seen.page.waitForTimeout(10);
  await seen.page.evaluate(() => document.querySelector("tessera-product").setAttribute("quantity", "5"));
  await settle(seen, 1100);
  return { text: await text(seen, "tessera-product"), console: seen.console };
}

async function languages(browser, given) {
  const said = {};
  const body = [1, 3, 20, 1234].map((n) => product(`quantity="${n}"`)).join("");
  const answers = { product: (query) => points({ points: Number(query.get("quantity")) }) };
  for (const lang of ["en-GB", "fi", "fr-CA", "ro", "ru", "sk", "xx", ""]) {
    const seen = await shop(browser, given, body, answers, { lang });
    const { page } = seen;
    await page.waitForFunction(() => document.querySelectorAll("tessera-product")[3]?.shadowRoot);
    await settle(seen);
    said[lang] = await page.locator("tessera-product").evaluateAll((all) => all.map((one) => one.shadowRoot.querySelector("p").textContent.replace("\u2068", "")));
    await page.close();
  }
  return said;
}

async function troubles(browser, given) {
  const cases = {
    "no data-shop": [product(), {}, { tag: TAG.replace(' data-shop="s1"', "") }],
    "unknown shop": [product(), { product: 404 }],
    "server down": [product(), { product: "gone" }],
    "bad price": [`<tessera-product currency="EUR" price="19,99 €"></tessera-product>`, {}],
    "bad lines": ['<tessera-cart currency="EUR" lines="{oops"></tessera-cart>', {}],
    "no token": ["<tessera-balance></tessera-balance>", {}],
    "nothing earned": [product(), { product: points({ points: 0 }) }],
  };
  const found = {};
  for (const [name, [body, answers, options]] of Object.entries(cases)) {
    const seen = await shop(browser, given, body, answers, options);
    const before = await top(seen);
    await settle(seen);
    const shown = await seen.page.evaluate(() => document.body.innerText.trim());
    found[name] = { console: seen.console, shown, moved: (await top(seen)) - before };
  }
  return found;
}

async function hostile(browser, given) {
  const seen = await shop(browser, given, product(), { product: points({ text: '<img src=x onerror="alert(1)">' }) });
  await settle(seen);
  const images = await seen.page.evaluate(() => document.querySelector("tessera-product").shadowRoot.querySelectorAll("img").length);
  return { text: await text(seen, "tessera-product"), images };
}

async function cart(browser, given) {
  const line = { product_id: "p1", quantity: 2, unit_price: "24.00" };
  const answers = {
    programme: PROGRAMME,
    cart: () => points({ points: 480, next_reward: { key: "five", points: 500, missing: 20 } }),
    me: { points: { available: 15, pending: 0, deficit: 0 }, next_reward: null },
  };
  const said = async (body) => {
    const seen = await shop(browser, given, body, answers);
    await settle(seen);
    const both = [await text(seen, "tessera-cart"), await text(seen, "tessera-cart", "small")];
    return { seen, both, sent: seen.asked.find((one) => one.body)?.body };
  };
  const json = JSON.stringify([line]);
  const attribute = await said(`<tessera-cart currency="EUR" lines='${json}'></tessera-cart>`);
  const child = await said(`<tessera-cart><script type="application/json">{"currency":"EUR","lines":${json}}</script></tessera-cart>`);
  await child.seen.page.evaluate(() => {
    window.heard = [];
    document.addEventListener("tessera:points", (event) => window.heard.push(event.detail.points));
    const detail = { currency: "EUR", lines: [{ product_id: "p9", quantity: 1, unit_price: "1.00" }] };
    document.dispatchEvent(new CustomEvent("tessera:cart", { detail }));
  });
  await settle(child.seen, 500);
  const heard = await child.seen.page.evaluate(() => window.heard);
  const known = await said(`<tessera-cart token="t" currency="EUR" lines='${json}'></tessera-cart>`);
  return {
    attribute: attribute.both,
    sent: attribute.sent,
    child: child.both,
    event: child.seen.asked.at(-1).body.lines[0].product_id,
    heard,
    known: known.both,
  };
}

async function balance(browser, given) {
  let asked = 0;
  const me = () => {
    asked += 1;
    return { points: { available: asked > 2 ? 480 : 0, pending: 30, deficit: 0 }, next_reward: { key: "tea", points: 500, missing: asked > 2 ? 20 : 500 } };
  };
  const seen = await shop(browser, given, '<tessera-balance token="t" poll></tessera-balance>', { me, programme: PROGRAMME }, { before: watch });
  const before = await top(seen);
  await settle(seen, 1500);
  const texts = await seen.page.evaluate(() => window.announced);
  const parts = await seen.page.evaluate(() => [...document.querySelector("tessera-balance").shadowRoot.querySelectorAll("small")].map((one) => one.textContent.replace("\u2068", "")));
  const looks = asked;
  await settle(seen, 3500);
  return { texts, parts, looks, later: asked - looks, moved: (await top(seen)) - before, console: seen.console };
}

async function enough(browser, given) {
  const said = {};
  for (const [name, rewards] of Object.entries({ some: PROGRAMME.rewards, none: [] })) {
    const me = { points: { available: 2000, pending: 0, deficit: 0 }, next_reward: null };
    const seen = await shop(browser, given, '<tessera-balance token="t"></tessera-balance>', { me, programme: { rewards } });
    await settle(seen);
    said[name] = await text(seen, "tessera-balance", "small:last-child");
  }
  return said;
}

async function looks(browser, given) {
  const body = `${product()}<tessera-cart currency="EUR" lines='[{}]'></tessera-cart>`;
  const seen = await shop(browser, given, `<style>:root{color-scheme:dark}</style>${body}`, {}, { dir: "rtl" });
  await settle(seen);
  return seen.page.evaluate(() => {
    const line = document.querySelector("tessera-product").shadowRoot.querySelector("p");
    const { right } = document.querySelector("tessera-product").getBoundingClientRect();
    return { colour: getComputedStyle(line).color, flush: right - line.getBoundingClientRect().right };
  });
}

const SCENARIOS = { plain, announced, form, outdated, languages, troubles, hostile, cart, balance, enough, looks };

await inBrowser(async (browser, given) => {
  const found = {};
  const waiting = Object.entries(SCENARIOS);
  const play = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) found[next[0]] = await next[1](browser, given);
  };
  await Promise.all([play(), play(), play()]); // most of a scenario is waiting
  return found;
});
