// {url, screens, evil} → names that mean harm, on the shop's pages and in every view of the panel.
import { inBrowser } from "./launch.mjs";
import { PATIENCE, VIEWS, visit } from "./visit.mjs";

/** What became of the names: run, markup, or only text; and whether anything sticks out of the page. */
const judge = (page) =>
  page.evaluate(() => {
    const roots = [document];
    for (const root of roots) for (const one of root.querySelectorAll("*")) if (one.shadowRoot) roots.push(one.shadowRoot);
    const markup = roots.flatMap((root) => [...root.querySelectorAll("img[src='x'], script:not([src]):not([type]), [onerror]")]);
    const { scrollWidth, clientWidth } = document.documentElement;
    return { run: window.hurt ?? null, markup: markup.map((one) => one.outerHTML.slice(0, 80)), wide: scrollWidth - clientWidth };
  });

await inBrowser(async (browser, given) => {
  const seen = await visit(browser, given, { viewport: { width: 390, height: 844 } });
  const { page } = seen;
  const panel = page.locator("tessera-panel");
  const pages = {}, views = {}, texts = {};
  const note = async (name, where = pages) => {
    where[name] = await judge(page);
    await seen.picture(`hostile-${name}`);
  };
  await seen.go("/products/teapot");
  await note("product");
  texts.product = await page.locator("tessera-product").innerText();
  await seen.press("add");
  await note("cart");
  texts.cart = await page.locator("tessera-cart").evaluate((one) => one.shadowRoot.textContent);
  await seen.press("checkout");
  await page.fill("[name=name]", given.evil.slice(0, 100));
  await page.fill("[name=email]", "mallory@example.com");
  await page.check("[name=account]");
  await note("checkout");
  await seen.press("buy");
  await page.locator("tessera-balance p").filter({ hasText: /[1-9]/ }).waitFor(PATIENCE);
  await note("thanks");
  texts.balance = await page.locator("tessera-balance").evaluate((one) => one.shadowRoot.textContent);
  await seen.go("/account");
  await note("account");
  await seen.go("/login"); // lists the names of customers
  await note("login");
  await seen.go("/");
  await note("home");
  await seen.open();
  for (const name of Object.keys(VIEWS).filter((one) => one != "codes")) {
    await seen.view(name);
    if (name == "faq") await panel.locator("summary").first().click();
    await note(name, views);
    views[name].drawer = await panel.locator("dialog").evaluate((drawer) => drawer.scrollWidth - drawer.clientWidth);
    texts[name] = await panel.locator("dialog").evaluate((drawer) => drawer.textContent);
  }
  return { pages, views, texts, console: seen.console };
});
