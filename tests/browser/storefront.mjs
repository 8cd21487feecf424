// {url, screens} → how the widgets behave on the demo shop's pages: guest and member, three widths, light and dark,
// by keyboard, on a slow network, without our server, without our scripts.
import { inBrowser } from "./launch.mjs";

import { OURS, PATIENCE, VIEWS, visit } from "./visit.mjs";

/** Ours comes when the page has long been painted: only then can it move anything. */
const LATE_MS = 120;

/** All pages of the shop, in the order of a purchase, each with the panel open as well. */
async function pages(browser, given, who, [width, height], look) {
  const seen = await visit(browser, given, { viewport: { width, height } });
  if (who == "member") await seen.enter();
  const later = async (route) => {
    await new Promise((done) => setTimeout(done, LATE_MS));
    await route.continue().catch(() => {}); // the page may have been left
  };
  for (const ours of [OURS, /\/widgets\/v1\//]) await seen.page.route(ours, later);
  const buy = async () => {
    if (who == "guest") {
      await seen.page.fill("[name=name]", "Gustav Guest");
      await seen.page.fill("[name=email]", "gustav@example.com");
    }
    await seen.press("buy");
  };
  const steps = {
    home: () => seen.go("/"),
    product: () => seen.go("/products/harbour-mug"),
    cart: () => seen.press("add"),
    checkout: () => seen.press("checkout"),
    thanks: buy,
    account: () => seen.go("/account"),
  };
  for (const [name, step] of Object.entries(steps)) {
    await step();
    seen.requests[name] = seen.asked.map((request) => `${request.method()} ${new URL(request.url()).pathname.replace(/v1\/\w{20,}/, "v1/SHOP")}`);
    await seen.note(name);
    if (look) {
      await seen.axe(`${name} ${width}`);
      await seen.picture(`${who}-${name}-${width}`);
    }
    await seen.open();
    await seen.note(`${name}, panel open`);
    if (look && name == "home") await seen.picture(`${who}-panel-${width}`);
    await seen.close();
  }
  const { shifts, found, requests, console: said } = seen;
  await seen.page.context().close();
  return { shifts, found, requests, console: said };
}

/** Every view of the panel: drawn, without faults, inside its drawer. */
async function views(browser, given, who, width) {
  const seen = await visit(browser, given, { viewport: { width, height: 844 } });
  if (who == "member") await seen.enter();
  await seen.go("/");
  await seen.open();
  const wide = {};
  for (const name of who == "member" ? Object.keys(VIEWS) : ["home", "faq"]) {
    await seen.view(name);
    await seen.axe(`${who} ${name}`, "tessera-panel");
    await seen.picture(`view-${who}-${name}-${width}`);
    wide[name] = await seen.page.locator("tessera-panel dialog").evaluate((drawer) => drawer.scrollWidth - drawer.clientWidth);
  }
  const named = who == "member" ? await takeName(seen, " Ada  <b>L.</b> ") : "";
  await seen.page.emulateMedia({ colorScheme: "dark" });
  await seen.view("home");
  await seen.picture(`view-${who}-dark-${width}`);
  const { found, console } = seen;
  await seen.page.context().close();
  return { found, wide, named, console };
}

/** In the settings: say what to be called, by keyboard; what the field holds when the view is opened again. */
async function takeName(seen, name) {
  const field = seen.page.locator("tessera-panel").getByLabel("Name others see on the leaderboard");
  await field.fill(name);
  await field.press("Enter");
  await seen.rest();
  await seen.view("settings");
  return field.inputValue();
}

/** The panel by keyboard alone. */
async function keyboard(browser, given) {
  const seen = await visit(browser, given);
  const { page } = seen;
  await page.route("**/widget/v1/*/programme?*", async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    return route.fulfill({ response, json: { ...told, look: { ...told.look, logo: "/demo/static/mark.svg" } } });
  });
  await seen.enter();
  await seen.go("/");
  const panel = page.locator("tessera-panel");
  const focused = () =>
    page.evaluate(() => {
      let at = document.activeElement;
      if (at.localName != "tessera-panel") return [false, at.localName];
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      return [true, at.ariaLabel || at.textContent.trim()];
    });
  const link = page.locator("[data-test=panel]");
  await link.focus();
  await page.keyboard.press("Enter");
  await panel.locator("[data-view=home]").waitFor(PATIENCE);
  await seen.rest(150);
  const first = await focused();
  const through = [];
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press("Tab");
    through.push(await focused());
  }
  const names = await panel.ariaSnapshot();
  await page.keyboard.press("Escape");
  const after = { open: await panel.locator("dialog").isVisible(), link: await link.evaluate((one) => one == document.activeElement) };
  await page.keyboard.press("Enter");
  await panel.locator("dialog[open]").waitFor(PATIENCE);
  await panel.locator("[data-view=home]").waitFor(PATIENCE);
  const again = { open: await panel.locator("dialog").isVisible(), logos: await panel.locator("header img").count() };
  await page.goBack();
  await seen.rest(100);
  const back = { open: await panel.locator("dialog").isVisible(), path: new URL(page.url()).pathname };
  await page.context().close();
  return { first, through, names, after, again, back };
}

/** What a shopper can still do: look at a product, put it into the cart. */
async function shopping(seen) {
  await seen.go("/products/harbour-mug");
  const product = await seen.page.locator("tessera-product").innerText();
  await seen.note("product");
  await seen.press("add");
  const cart = await seen.page.locator("tessera-cart").evaluate((one) => (one.shadowRoot?.textContent ?? "").trim());
  await seen.note("cart");
  return { product, cart, lines: await seen.page.locator(".line").count() };
}

/** Where the panel's own code comes, it says that the rest does not. */
const SAYING = ["down", "broken"];

async function troubles(browser, given) {
  const found = {};
  const cases = {
    down: (page) => page.route(OURS, (route) => route.abort()),
    broken: (page) => page.route(OURS, (route) => route.fulfill({ status: 503, body: "<h1>later</h1>" })),
    blocked: (page) => page.route("**/widgets/v1/**", (route) => route.abort()),
    "no words": (page) => page.route("**/words/*", (route) => route.abort()),
  };
  for (const [name, prepare] of Object.entries(cases)) {
    const seen = await visit(browser, given, { viewport: { width: 390, height: 844 } });
    await prepare(seen.page);
    const shop = await shopping(seen);
    await seen.page.locator("[data-test=panel]").click();
    await seen.rest();
    const read = () => seen.page.locator("tessera-panel").evaluate((one) => {
      const drawer = one.shadowRoot?.querySelector("dialog[open]");
      return drawer ? drawer.innerText : null;
    });
    for (let tries = 0; SAYING.includes(name) && tries < 50 && !/[a-z]{3}/.test((await read()) ?? ""); tries++) await seen.rest();
    const panel = await read();
    await seen.picture(`trouble-${name.replace(" ", "-")}`);
    found[name] = { ...shop, panel, shifts: seen.shifts, told: seen.console.filter((said) => !said.includes("Failed to load resource")) };
    await seen.page.context().close();
  }
  return found;
}

/** A phone far from the next mast: everything comes, late, and nothing moves. */
async function slow(browser, given) {
  const seen = await visit(browser, given, { viewport: { width: 390, height: 844 } });
  const inside = await seen.page.context().newCDPSession(seen.page);
  await inside.send("Network.enable");
  await inside.send("Network.emulateNetworkConditions", { offline: false, latency: 300, downloadThroughput: 60_000, uploadThroughput: 30_000 });
  const shop = await shopping(seen);
  await seen.page.context().close();
  return { ...shop, shifts: seen.shifts };
}

/** The longest task of the page's main thread while our panel opens, as the thread counts its time. Units: ms. */
async function effort(browser, given) {
  const seen = await visit(browser, given);
  await seen.enter();
  await seen.go("/products/harbour-mug");
  await browser.startTracing(seen.page, { categories: ["disabled-by-default-devtools.timeline"] });
  await seen.open();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await seen.page.context().close();
  const { pid, tid } = traceEvents.find((event) => event.name == "thread_name" && event.args.name == "CrRendererMain");
  const tasks = traceEvents.filter((event) => event.name == "RunTask" && event.pid == pid && event.tid == tid);
  return { tasks: tasks.length, longest: Math.max(...tasks.map((task) => task.tdur ?? 0)) / 1000 };
}

const ITEM = 'currency="EUR" product-id="harbour-mug" variant-id="harbour-mug-night" price="19.99"';
const LINES = '[{"product_id":"harbour-mug","quantity":1,"unit_price":"19.99"}]';
const HEIGHTS = "tessera-product{display:block;min-height:2em}tessera-cart{display:block;min-height:6.0625em}";
const RUDE =
  "*{all:unset!important;display:block!important;color:red!important;font-size:40px!important;line-height:5!important;" +
  "letter-spacing:.4em!important;text-transform:uppercase!important;text-align:end!important}" +
  "p,button,div,small,hr,section,h2,ul{display:none!important}head,script,style{display:none!important}";

/** A page of another theme on the same address: one product with the theme's own text, one without, a cart, the panel. */
function themed(page, { url, shop }, { css = "", dir = "ltr" } = {}) {
  const tag = `<script src="${url}/widgets/v1/tessera.js" data-shop="${shop}" data-session="/demo/session" async></script>`;
  const body = `<!doctype html><html lang=en dir=${dir}><meta name=color-scheme content="light dark"><meta name=viewport content="width=device-width">
    <title>theme</title><style>${HEIGHTS}${css}</style>${tag}<h1>Theme</h1>
    <tessera-product id=drawn ${ITEM}>Earn 199 points</tessera-product><tessera-product id=asked ${ITEM}></tessera-product>
    <tessera-cart currency=EUR lines='${LINES}'></tessera-cart><tessera-panel><a href="#tessera">Points</a></tessera-panel>`;
  return page.route("**/theme", (route) => route.fulfill({ contentType: "text/html", body }));
}

/** What is in the way of an element: nothing, unless it is not seen or sticks out. */
const fault = (element) =>
  element.evaluate((one) => {
    const { width, height, left, right } = one.getBoundingClientRect();
    if (!one.checkVisibility({ visibilityProperty: true }) || !width || !height) return "not seen";
    return left < -1 || right > innerWidth + 1 ? `from ${left} to ${right}` : "";
  });

/** A theme whose CSS means harm. */
async function rude(browser, given) {
  const seen = await visit(browser, given, { viewport: { width: 390, height: 844 } });
  const { page } = seen;
  await themed(page, given, { css: RUDE });
  await seen.enter();
  await page.goto(`${given.url}/theme`);
  await seen.rest();
  const panel = page.locator("tessera-panel");
  const faults = {};
  for (const name of ["#drawn", "#asked", "tessera-cart p", "tessera-cart button"]) faults[name] = await fault(page.locator(name));
  await seen.picture("rude");
  await seen.open();
  for (const name of [".big", "header button:last-child", ".ticket code", ".door >> nth=0"]) faults[name] = await fault(panel.locator(name).first());
  await seen.picture("rude-panel");
  const look = await panel.locator(".big").evaluate((one) => {
    const { color, textTransform, letterSpacing, fontSize } = getComputedStyle(one);
    return { color, textTransform, letterSpacing, large: parseFloat(fontSize) > 40 };
  });
  const wide = await panel.locator("dialog").evaluate((drawer) => drawer.scrollWidth - drawer.clientWidth);
  await seen.view("rewards");
  await panel.getByRole("button", { name: "Close" }).click();
  const shut = !(await panel.locator("dialog").isVisible());
  await page.context().close();
  return { faults, look, wide, shut };
}

/** The theme's own text: asked for by nobody, there without our scripts and without any. */
async function drawn(browser, given) {
  const shown = {};
  for (const javaScriptEnabled of [true, false]) {
    const seen = await visit(browser, given, { javaScriptEnabled });
    await themed(seen.page, given);
    if (!javaScriptEnabled) await seen.page.route("**/widgets/v1/**", (route) => route.abort());
    await seen.page.goto(`${given.url}/theme`);
    await seen.rest();
    shown[javaScriptEnabled] = await seen.page.locator("#drawn").innerText();
    shown[`asked ${javaScriptEnabled}`] = seen.asked.filter((request) => request.url().includes("/product?")).length;
    await seen.page.context().close();
  }
  return shown;
}

/** From right to left, in the dark, on a phone. */
async function turned(browser, given) {
  const seen = await visit(browser, given, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await themed(seen.page, given, { dir: "rtl" });
  await seen.enter();
  await seen.page.goto(`${given.url}/theme`);
  await seen.rest();
  const flush = await seen.page.locator("#asked").evaluate((one) => document.body.getBoundingClientRect().right - one.getBoundingClientRect().right);
  await seen.picture("turned");
  await seen.open();
  await seen.note("turned");
  await seen.picture("turned-panel");
  await seen.view("rewards");
  await seen.picture("turned-rewards");
  const panel = seen.page.locator("tessera-panel");
  const sides = await panel.locator("header").evaluate((one) => [...one.querySelectorAll("button, h2")].map((each) => each.getBoundingClientRect().left));
  await seen.page.context().close();
  return { flush, ordered: sides.every((left, i) => !i || left < sides[i - 1]), shifts: seen.shifts };
}

const SIZES = { 1280: [1280, 900], 768: [768, 1024], 390: [390, 844] };
const SCENARIOS = { troubles, slow, keyboard, effort, rude, drawn, turned };
for (const who of ["guest", "member"]) {
  for (const [width, size] of Object.entries(SIZES)) {
    SCENARIOS[`pages ${who} ${width}`] = (browser, given) => pages(browser, given, who, size, width == (who == "guest" ? 1280 : 390)); // axe need not look twice at one page
  }
  SCENARIOS[`views ${who}`] = (browser, given) => views(browser, given, who, who == "member" ? 390 : 1280);
}

await inBrowser(async (browser, given) => {
  const found = {};
  const waiting = Object.entries(SCENARIOS).filter(([name]) => !given.only || name.startsWith(given.only));
  const play = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) found[next[0]] = await next[1](browser, given);
  };
  await Promise.all([play(), play(), play()]); // most of a scenario is waiting
  return found;
});
