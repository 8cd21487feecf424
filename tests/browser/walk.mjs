// {url, width, height, screens} → what a shopper and then the shop see, step by step, at one width.
// Every page also answers how far its content moved by itself and what it said on the console.
import { inBrowser } from "./launch.mjs";

const PATIENCE = { timeout: 15_000 };

/** Add up the layout shifts that no input of the shopper explains. */
function watchShifts() {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}

/** The whole number in a text: "This cart earns 1,398 points" → 1398. */
const number = (text) => Number((text ?? "").replace(/\D/g, ""));

class Walk {
  constructor(page, { url, width, screens }) {
    Object.assign(this, { page, url, width, screens, shifts: {}, console: [] });
    page.on("console", (said) => ["error", "warning"].includes(said.type()) && this.console.push(said.text()));
    page.on("pageerror", (error) => this.console.push(String(error)));
  }

  at(name) {
    return this.page.locator(`[data-test="${name}"]`).first();
  }

  /** The text inside a widget, once it has one. */
  async said(name, other = "") {
    const line = name === "product-points" ? this.at(name) : this.at(name).locator("p");
    await line.filter({ hasText: /\d/ }).waitFor({ ...PATIENCE, state: "attached" });
    await this.page.waitForFunction(([element, old]) => element.textContent !== old, [await line.elementHandle(), other], PATIENCE);
    return line.textContent();
  }

  /** Note the page as it is, before leaving it. */
  async leave(name) {
    await this.page.screenshot({ path: `${this.screens}/${name}-${this.width}.png`, fullPage: true });
    this.shifts[name] = Number((await this.page.evaluate(() => window.shifted)).toFixed(4)); // what nobody can see is 0
  }
}

async function chooseProduct(walk) {
  await walk.page.goto(`${walk.url}/demo/`);
  await walk.leave("home");
  await walk.at("product-harbour-mug").click();
  const one = await walk.said("product-points");
  await walk.at("variant-harbour-mug-olive").check();
  await walk.at("quantity").fill("2");
  const two = await walk.said("product-points", one);
  const variant = await walk.at("product-points").getAttribute("variant-id");
  await walk.leave("product");
  await walk.at("add").click();
  return { one: number(one), two: number(two), variant };
}

async function buy(walk, email) {
  await walk.page.goto(`${walk.url}/demo/products/morning-cup`);
  await walk.at("add").click();
  await walk.at("code").fill("kalimera");
  await walk.at("use-code").click();
  const promised = number(await walk.said("cart-points"));
  await walk.leave("cart");
  await walk.at("checkout").click();
  await walk.at("name").fill("Ada Walker");
  await walk.at("email").fill(email);
  await walk.at("make-account").check();
  const atCheckout = number(await walk.said("cart-points"));
  await walk.leave("checkout");
  await walk.at("buy").click();
  return { promised, atCheckout };
}

/** Wait until the balance is no longer `old`: at once on the page, or on a later visit where the award took longer. */
async function balance(walk, old) {
  for (let visit = 0; visit < 8; visit += 1) {
    const text = await walk.said("balance");
    if (number(text) !== old) return number(text);
    await walk.page.waitForTimeout(1500);
    if (number(await walk.said("balance")) !== old) continue;
    await walk.page.reload();
  }
  return old;
}

async function returnOne(walk) {
  await walk.at("office-order").click();
  await walk.leave("order");
  await walk.at("refund-unit").click();
  await walk.page.goto(`${walk.url}/demo/back-office/`);
  await walk.leave("back-office");
}

/** Spend points on a code in the panel, put it into the cart with one tap, and use it at the checkout. */
async function redeem(walk) {
  await walk.page.goto(`${walk.url}/demo/products/morning-cup`);
  await walk.at("quantity").fill("2");
  await walk.at("add").click();
  await walk.said("cart-points");
  await walk.at("panel").click();
  const panel = walk.page.locator("tessera-panel");
  await panel.locator("button[data-key=three-off]").click();
  const code = await panel.locator("code").textContent(PATIENCE);
  await walk.leave("panel-code");
  await panel.getByRole("button", { name: "Back" }).click();
  const left = number(await panel.locator(".big").textContent());
  await walk.leave("panel");
  const reloaded = walk.page.waitForEvent("load");
  await panel.getByRole("button", { name: "Use it" }).click();
  await reloaded;
  const sum = await walk.page.locator(".sums .total dd").first().textContent();
  await walk.said("cart-points");
  await walk.leave("cart-with-code");
  await walk.at("checkout").click();
  await walk.said("cart-points");
  await walk.leave("checkout-with-code");
  await walk.at("buy").click();
  return { code, left, sum: number(sum) };
}

async function spend(walk) {
  const redeemed = await redeem(walk);
  const earned = await balance(walk, redeemed.left);
  await walk.at("office-order").click();
  await walk.at("refund-unit").click();
  await walk.page.goto(`${walk.url}/demo/account`);
  const returned = await balance(walk, earned);
  await walk.page.reload();
  await walk.said("balance");
  const tickets = await walk.page.locator('[data-test="ticket"]').count();
  await walk.leave("account-after");
  return { ...redeemed, earned, returned, tickets };
}

await inBrowser(async (browser, given) => {
  const { width, height, email } = given;
  const page = await browser.newPage({ viewport: { width, height } });
  await page.addInitScript(watchShifts);
  const walk = new Walk(page, given);
  const product = await chooseProduct(walk);
  const cart = await buy(walk, email);
  const bought = await balance(walk, 0);
  await walk.leave("thanks");
  await returnOne(walk);
  await page.goto(`${walk.url}/demo/account`);
  const kept = await balance(walk, bought);
  await page.reload();
  await walk.said("balance");
  const entries = await page.locator('[data-test="entry"]').count();
  await walk.leave("account");
  const spent = await spend(walk);
  return { product, ...cart, bought, kept, entries, spent, shifts: walk.shifts, console: walk.console };
});
