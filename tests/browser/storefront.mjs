// {url, screens} → how the widgets behave on the demo shop's pages: guest and member, three widths, light and dark,
// by keyboard, on a slow network, without our server, without our scripts.
import { violations } from "./axe.mjs";
import { inBrowser } from "./launch.mjs";

const PATIENCE = { timeout: 20_000 };
const OURS = /\/(widget|shopper)\/v1\//;
const VIEWS = { home: "", rewards: "Rewards", codes: "Your codes", earn: "Ways to earn", history: "History", friends: "Invite friends", boards: "Leaderboard", card: "Your card", faq: "Questions and answers", settings: "Settings" };

/** Add up every layout shift, those after an input too: nothing of ours may move anything. */
function watchShifts() {
  window.shifted = 0;
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      window.shifted += entry.value;
      window.moved.push(...entry.sources.map(({ node }) => node?.nodeName + "." + (node?.className ?? "")));
    }
  }).observe({ type: "layout-shift", buffered: true });
}

class Visit {
  constructor(given, page) {
    Object.assign(this, { given, page, busy: new Set(), asked: [], console: [], shifts: {}, found: {}, requests: {} });
    page.on("console", (said) => ["error", "warning"].includes(said.type()) && this.console.push(said.text()));
    page.on("pageerror", (error) => this.console.push(String(error)));
    page.on("request", (request) => {
      if (request.isNavigationRequest()) this.busy.clear(); // what the page before still waited for
      this.busy.add(request);
      if (OURS.test(request.url()) || /\/(session|widgets\/v1\/.*)$/.test(request.url())) this.asked.push(request);
    });
    page.on("requestfailed", (request) => this.busy.delete(request));
    page.on("response", (response) => this.busy.delete(response.request())); // nobody need read it to its end
  }

  /** Give the page time, and more of it while a request is under way: a busy machine is slow, not wrong. */
  async rest(ms = 250) {
    do await this.page.waitForTimeout(ms);
    while (this.busy.size);
  }

  async go(path) {
    this.asked = [];
    await this.page.goto(`${this.given.url}/demo${path}`);
    await this.rest();
  }

  async press(name) {
    this.asked = [];
    await this.page.locator(`[data-test="${name}"]`).first().click();
    await this.page.waitForLoadState();
    await this.rest();
  }

  async enter() {
    await this.go("/login");
    await this.press("login-c1");
  }

  /** Open the panel without any input, which would excuse what moves. */
  async open() {
    await this.page.evaluate(() => (location.hash = "tessera"));
    await this.page.locator("tessera-panel .body > :not(.wait)").first().waitFor(PATIENCE);
    await this.rest(150);
  }

  async close() {
    await this.page.keyboard.press("Escape");
  }

  /** Show a view of the open panel. */
  async view(name) {
    const panel = this.page.locator("tessera-panel");
    if (await panel.getByRole("button", { name: "Back" }).isVisible()) await panel.getByRole("button", { name: "Back" }).click();
    await panel.locator("[data-view=home]").waitFor(PATIENCE);
    if (name == "home") return;
    await panel.locator(".door", { hasText: VIEWS[name] }).first().click();
    await panel.locator(`[data-view=${name}]`).waitFor(PATIENCE);
    await this.rest(50);
  }

  async note(name) {
    const { shifted, moved } = await this.page.evaluate(() => ({ shifted: window.shifted, moved: window.moved }));
    this.shifts[name] = shifted ? [Number(shifted.toFixed(4)), moved] : 0;
  }

  picture(name) {
    return this.page.screenshot({ path: `${this.given.screens}/store-${name}.png` });
  }

  /** Look for faults in the light, and for colours once more in the dark. */
  async axe(name, within) {
    this.found[name] = await violations(this.page, { within });
    await this.page.emulateMedia({ colorScheme: "dark" });
    this.found[`${name}, dark`] = await violations(this.page, { within, rules: ["color-contrast"] });
    await this.page.emulateMedia({ colorScheme: "light" });
  }
}

async function visit(browser, given, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.addInitScript(watchShifts);
  return new Visit(given, page);
}

/** All pages of the shop, in the order of a purchase, each with the panel open as well. */
async function pages(browser, given, who, [width, height], look) {
  const seen = await visit(browser, given, { viewport: { width, height } });
  if (who == "member") await seen.enter();
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
  await seen.page.emulateMedia({ colorScheme: "dark" });
  await seen.view("home");
  await seen.picture(`view-${who}-dark-${width}`);
  const { found, console } = seen;
  await seen.page.context().close();
  return { found, wide, console };
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
    const panel = await seen.page.locator("tessera-panel").evaluate((one) => {
      const drawer = one.shadowRoot?.querySelector("dialog[open]");
      return drawer ? drawer.innerText : null;
    });
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

const SIZES = { 1280: [1280, 900], 768: [768, 1024], 390: [390, 844] };
const SCENARIOS = { troubles, slow, keyboard, effort };
for (const who of ["guest", "member"]) {
  for (const [width, size] of Object.entries(SIZES)) {
    SCENARIOS[`pages ${who} ${width}`] = (browser, given) => pages(browser, given, who, size, width != 768);
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
