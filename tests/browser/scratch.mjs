import { inBrowser } from "./launch.mjs";
await inBrowser(async (browser, { url, out }) => {
  const log = [];
  const shot = async (page, name) => page.screenshot({ path: `${out}/${name}.png` });
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  page.on("console", (m) => log.push(m.text()));
  page.on("pageerror", (e) => log.push(String(e)));
  page.on("response", (r) => r.status() >= 400 && log.push(r.status() + " " + r.url()));
  await page.goto(url + "/demo/products/harbour-mug");
  await page.locator("[data-test=panel]").click();
  await page.waitForTimeout(900);
  await shot(page, "guest");
  await page.goto(url + "/demo/products/morning-cup");
  await page.locator("[data-test=quantity]").fill("6");
  await page.locator("[data-test=add]").click();
  await page.locator("[data-test=checkout]").click();
  await page.locator("[data-test=name]").fill("Ada Walker");
  await page.locator("[data-test=email]").fill(`ada-${Date.now()}@example.com`);
  await page.locator("[data-test=make-account]").check();
  await page.locator("[data-test=buy]").click();
  await page.waitForTimeout(4000);
  await page.goto(url + "/demo/cart#tessera");
  await page.waitForTimeout(1500);
  await shot(page, "member");
  const views = process.env.VIEWS?.split(",") ?? ["Rewards", "Ways", "History", "Invite", "card", "Questions", "Settings"];
  for (const hasText of views) {
    const door = page.locator("tessera-panel .door").filter({ hasText });
    if (!(await door.count())) { log.push("no door " + hasText); continue; }
    await door.click();
    await page.waitForTimeout(600);
    await shot(page, "view-" + hasText);
    await page.locator("tessera-panel header button").first().click();
    await page.waitForTimeout(500);
  }
  return log;
});
