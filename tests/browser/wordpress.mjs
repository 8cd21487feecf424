// Through the plugin's pages as a shopper's browser sees them. The server's scripts and answers are given here.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inBrowser } from "./launch.mjs";

const SERVER = "https://tessera.example";

inBrowser(async (browser, { address, dist, shots, cookies, goods }) => {
  const asked = [];
  const wrong = [];
  const opened = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    await context.route(`${SERVER}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname;
      asked.push(path);
      if (path.startsWith("/widgets/")) return route.fulfill({ path: join(dist, path.split("/").pop()), contentType: "text/javascript", headers: { "Access-Control-Allow-Origin": "*" } });
      const query = new URL(route.request().url()).searchParams;
      const points = path.endsWith("/product") ? Math.floor(query.get("price") * query.get("quantity") * 10) : 480;
      return route.fulfill({ json: { points, about: false, text: `Earn ${points} points`, next_reward: null }, headers: { "Access-Control-Allow-Origin": "*" } });
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(String(error)));
    return page;
  };
  const see = async (page, path, name, element) => {
    await page.goto(address + path, { waitUntil: "load" });
    if (element) await page.getByText(element).first().waitFor();
    await page.screenshot({ path: join(shots, `wordpress-${name}.png`) });
  };
  const apply = (page, code) =>
    page.evaluate(
      (code) => new Promise((resolve) => {
        const done = (ok, message) => resolve({ ok, message });
        document.dispatchEvent(new CustomEvent("tessera:apply", { detail: { code, done } }));
      }),
      code,
    );
  const found = {};

  const still = await opened({ javaScriptEnabled: false });
  await see(still, `/?post_type=product&p=${goods.mug}`, "no-script", "Earn 13,999 points");
  found.still = await still.locator("tessera-product").textContent();

  const guest = await opened();
  await see(guest, `/?post_type=product&p=${goods.mug}`, "product", "Earn 13999 points");
  await see(guest, "/shop/", "shop", "Earn 13,999 points");
  await see(guest, `/?post_type=product&p=${goods.shirt}`, "variable");
  await guest.selectOption("select[name=attribute_size]", "L");
  const shirt = guest.locator("tessera-product");
  found.chosen = [await shirt.textContent(), await shirt.getAttribute("price")];
  await guest.screenshot({ path: join(shots, "wordpress-variation.png") });
  await guest.selectOption("select[name=attribute_size]", "");
  found.unchosen = [await shirt.textContent(), await shirt.getAttribute("price")];
  await guest.context().close();

  const bob = await opened();
  await bob.context().addCookies(Object.entries(cookies.bob).map(([name, value]) => ({ name, value, url: address })));
  await see(bob, "/cart/", "cart", "480");
  found.classic = [await apply(bob, "none"), await apply(bob, "OUR1")];
  await see(bob, "/block-cart/", "block-cart", "480");
  found.drawn = JSON.parse(await bob.locator("tessera-cart").getAttribute("lines"));
  await bob.evaluate(() => {
    window.told = [];
    document.addEventListener("tessera:cart", (event) => window.told.push(event.detail.discount_codes));
  });
  found.block = [await apply(bob, "none"), await apply(bob, "OUR2")];
  await bob.waitForFunction(() => window.told.length);
  found.told = await bob.evaluate(() => window.told);
  const kept = bob.waitForResponse((answer) => answer.url().includes("cart/extensions"));
  await bob.evaluate(() => document.dispatchEvent(new CustomEvent("tessera:arm", { detail: { value: "b" } })));
  await kept;
  await see(bob, "/my-account/tessera-points/", "account");
  found.session = await bob.evaluate(async () => {
    const asks = document.querySelector("script[data-session]").dataset.session;
    return (await fetch(asks, { credentials: "same-origin" })).status;
  });

  const boss = await opened();
  await boss.context().addCookies(Object.entries(cookies.admin).map(([name, value]) => ({ name, value, url: address })));
  await see(boss, "/wp-admin/admin.php?page=tessera-loyalty", "connected");
  return { ...found, wrong, asked: [...new Set(asked)] };
});
