// {dist} → what the elements do on a shop's page, scenario by scenario.
import { inBrowser } from "../browser/launch.mjs";
import { points, settle, shop, TAG, text, top } from "./street.mjs";

const MUG = 'currency="EUR" product-id="p1" variant-id="v1" price="19.99"';

const way = (missing) => ({ part: 1 - missing / 500, text: `${missing} points to €5 off` });

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
  const note = (line) => {
    const textContent = line.textContent.replace("\u2068", "");
    const [last] = window.announced.at(-1) ?? [];
    if (textContent && textContent !== last) window.announced.push([textContent, line.ariaLive]);
  };
  const everything = { childList: true, subtree: true };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    new MutationObserver(() => note(root.querySelector("p"))).observe(root, everything);
    return root;
  };
  new MutationObserver(() => document.querySelectorAll("tessera-product").forEach(note)).observe(document, everything);
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
  const { "variant-id": variant, price, quantity } = seen.asked.at(-1);
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
  const asked = {};
  for (const lang of ["en-GB", "fr-CA", "xx", ""]) {
    const seen = await shop(browser, given, product(), {}, { lang });
    await settle(seen);
    asked[lang] = seen.asked[0].lang;
    await seen.page.close();
  }
  return asked;
}

/** Text that the server drew: kept as it is, nothing asked; until something changes. */
async function drawn(browser, given) {
  const body = `<tessera-product ${MUG}>Earn 199 points</tessera-product>`;
  const seen = await shop(browser, given, body);
  const before = await top(seen);
  await settle(seen);
  const first = { text: await text(seen, "tessera-product"), asked: seen.asked.length, moved: (await top(seen)) - before };
  await seen.page.evaluate(() => document.querySelector("tessera-product").setAttribute("quantity", "2"));
  await settle(seen, 500);
  return { first, then: await text(seen, "tessera-product"), asked: seen.asked.length };
}

/** Who is logged in at the shop: asked at the shop's own address, once; log-out and log-in by an event. */
async function session(browser, given) {
  let token = "t1";
  const tag = TAG.replace(" async", ' data-session="/session" async');
  const me = { points: { available: 5, pending: 0, coming: [], expiring: [] }, text: { available: "5 points", note: "" }, tier: null, way: null };
  const body = product() + "<tessera-balance></tessera-balance>";
  const seen = await shop(browser, given, body, { me, session: () => (token ? { token, expires_at: new Date(Date.now() + 6e5).toISOString() } : 401) }, { tag });
  await settle(seen);
  const known = { text: await text(seen, "tessera-balance"), paths: seen.asked.map((one) => one.path).sort(), sessions: seen.sessions };
  token = "";
  await seen.page.evaluate(() => document.dispatchEvent(new Event("tessera:refresh")));
  await settle(seen);
  const kept = await seen.page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  return { known, left: await text(seen, "tessera-balance"), last: seen.asked.at(-1).path, kept };
}

async function troubles(browser, given) {
  const cases = {
    "no data-shop": [product(), {}, { tag: TAG.replace(' data-shop="s1"', "") }],
    "unknown shop": [product(), { product: 404 }],
    "server down": [product(), { product: "gone" }],
    "bad price": [`<tessera-product currency="EUR" price="19,99 €"></tessera-product>`, { product: 422 }],
    "bad lines": ['<tessera-cart currency="EUR" lines="{oops"></tessera-cart>', {}],
    "no token": ["<tessera-balance></tessera-balance>", {}],
    "nothing earned": [product(), { product: points({ points: 0, text: "" }) }],
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
  const images = await seen.page.evaluate(() => document.querySelectorAll("tessera-product img").length);
  return { text: await text(seen, "tessera-product"), images };
}

async function cart(browser, given) {
  const line = { product_id: "p1", quantity: 2, unit_price: "24.00" };
  const answers = { cart: () => points({ points: 480, text: "This cart earns 480 points", way: way(20) }) };
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
  return {
    attribute: attribute.both,
    sent: attribute.sent,
    child: child.both,
    event: child.seen.asked.at(-1).body.lines[0].product_id,
    heard,
  };
}

async function balance(browser, given) {
  let asked = 0;
  const me = () => {
    asked += 1;
    const available = asked > 2 ? 480 : 0;
    const points = { available, pending: 30, coming: [], expiring: [] };
    return { points, text: { available: `${available} points`, note: "30 points on the way" }, tier: null, way: way(500 - available) };
  };
  const seen = await shop(browser, given, '<tessera-balance token="t" poll></tessera-balance>', { me }, { before: watch });
  const before = await top(seen);
  await settle(seen, 1500);
  const texts = await seen.page.evaluate(() => window.announced);
  const parts = await seen.page.evaluate(() => [...document.querySelector("tessera-balance").shadowRoot.querySelectorAll("small")].map((one) => one.textContent.replace("\u2068", "")));
  const looks = asked;
  await settle(seen, 3500);
  return { texts, parts, looks, later: asked - looks, moved: (await top(seen)) - before, console: seen.console };
}

/** A reward in one tap: points for a code, the code into the cart; by the page, else to be typed. */
async function oneTap(browser, given) {
  const found = {};
  for (const handled of [true, false]) {
    const use = { reward: "five", points: 500, title: "€5 off", text: "Use 500 points" };
    let looks = 0;
    const redemptions = async (query, count, request) => {
      if (request.method() !== "POST") return { data: [{ id: "r1", state: ++looks > 1 ? "issued" : "held", code: "TES-1" }] };
      await new Promise((done) => setTimeout(done, 700));
      return { id: "r1", state: "held", code: null };
    };
    const body = `<tessera-cart token="t" currency="EUR" lines='[{}]'></tessera-cart>`;
    const seen = await shop(browser, given, body, { cart: () => points({ use: looks > 1 ? (handled ? null : { code: "TES-1", title: "€5 off" }) : use, way: null }), redemptions });
    await settle(seen);
    await seen.page.evaluate((handled) => {
      window.applied = [];
      if (handled)
        document.addEventListener("tessera:apply", (event) => {
          event.preventDefault();
          window.applied.push(event.detail.code);
          event.detail.done(true);
        });
    }, handled);
    const button = seen.page.locator("tessera-cart button");
    const offered = await button.textContent();
    await button.dblclick();
    await seen.page.evaluate(async () => {
      document.dispatchEvent(new CustomEvent("tessera:cart", { detail: { currency: "EUR", lines: [{}] } })); // drawn anew meanwhile
      await new Promise((done) => setTimeout(done, 400));
      document.querySelector("tessera-cart").shadowRoot.querySelector("button").click();
    });
    await seen.page.waitForFunction(() => window.applied.length || document.querySelector('tessera-cart').shadowRoot.querySelector('button').textContent.includes('TES-1'));
    await settle(seen);
    const spent = seen.asked.filter((one) => one.body?.reward);
    const spoken = await seen.page.locator("tessera-cart [role=status]").textContent();
    const focused = await seen.page.evaluate(() => document.querySelector("tessera-cart").shadowRoot.activeElement?.localName);
    found[handled] = { offered, spent: spent.length, applied: await seen.page.evaluate(() => window.applied), shown: await button.textContent(), spoken, focused };
  }
  return found;
}

async function looks(browser, given) {
  const body = `${product()}<tessera-cart currency="EUR" lines='[{}]'></tessera-cart>`;
  const seen = await shop(browser, given, `<style>:root{color-scheme:dark}</style>${body}`, {}, { dir: "rtl" });
  await settle(seen);
  return seen.page.evaluate(() => {
    const chip = document.querySelector("tessera-product");
    return { colour: getComputedStyle(chip).color, flush: document.body.getBoundingClientRect().right - chip.getBoundingClientRect().right };
  });
}

/** An experiment that runs: each arm keeps its place on the page, and is counted once. */
async function experiment(browser, given) {
  const found = {};
  for (const arm of ["points", "none", "holdout"]) {
    const answer = points({ experiment: { key: "spring", arms: [{ key: arm, share: "1" }] } });
    const before = () => {
      window.arms = [];
      document.addEventListener("tessera:arm", (event) => window.arms.push(event.detail.value));
    };
    const body = `${product()}<tessera-panel><a href="#tessera">Points</a></tessera-panel>`;
    const seen = await shop(browser, given, body, { product: answer, exposures: 204 }, { before });
    const at = await top(seen);
    await settle(seen);
    await seen.page.reload();
    await settle(seen);
    found[arm] = {
      text: await text(seen, "tessera-product"),
      moved: (await top(seen)) - at,
      counted: seen.asked.filter((one) => one.path.endsWith("/exposures")).map((one) => one.body),
      told: await seen.page.evaluate(() => window.arms),
      panel: await seen.page.locator("tessera-panel a").isVisible(),
      kept: await seen.page.evaluate(() => Object.values({ ...localStorage })),
    };
  }
  return found;
}

/** The shop serves the files itself, as a plugin does: only questions go to the server. */
async function atHome(browser, given) {
  const tag = '<script src="/files/tessera.js" data-shop="s1" data-server="http://tessera.test" async></script>';
  const body = `${product()}<tessera-cart currency="EUR" lines='[{}]'></tessera-cart>`;
  const seen = await shop(browser, given, body, { cart: () => points({ text: "This cart earns 1 point" }) }, { tag });
  await settle(seen);
  return { product: await text(seen, "tessera-product"), cart: await text(seen, "tessera-cart"), files: seen.files };
}

const SCENARIOS = { plain, announced, form, outdated, languages, drawn, session, troubles, hostile, cart, balance, oneTap, experiment, atHome, looks };

await inBrowser(async (browser, given) => {
  const found = {};
  const waiting = Object.entries(SCENARIOS);
  const play = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) found[next[0]] = await next[1](browser, given);
  };
  await Promise.all([play(), play(), play()]); // most of a scenario is waiting
  return found;
});
