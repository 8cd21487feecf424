// A shopper on the demo shop's pages, and what is noted of each.
import { violations } from "./axe.mjs";

export const PATIENCE = { timeout: 20_000 };
export const OURS = /\/(widget|shopper)\/v1\//;
export const VIEWS = { home: "", rewards: "Rewards", codes: "Your codes", earn: "Ways to earn", history: "History", friends: "Invite friends", boards: "Leaderboard", card: "Your card", faq: "Questions and answers", settings: "Settings" };

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

export class Visit {
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

export async function visit(browser, given, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.addInitScript(watchShifts);
  return new Visit(given, page);
}
