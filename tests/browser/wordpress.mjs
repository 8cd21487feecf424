// Through the plugin's pages as a shopper's browser sees them. The server's scripts and answers are given here.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inBrowser } from "./launch.mjs";

const SERVER = "https://tessera.example";

inBrowser(async (browser, { address, dist, shots, cookies, goods }) => {
  const asked = [];
  const wrong = [];
  const loaded = [];
  const opened = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    await context.route((url) => url.origin !== address, (route) => route.abort()); // gravatars, and whatever else
    await context.route(`${SERVER}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname;
      asked.push(path);
      const open = { "Access-Control-Allow-Origin": "*" };
      if (path.endsWith("/programme")) return route.fulfill({ status: 503, headers: open });
      const file = path.split("/widgets/v1/")[1];
      const contentType = path.endsWith(".json") ? "application/json" : "text/javascript";
      if (file) return route.fulfill({ path: join(dist, file), contentType, headers: open });
      const query = new URL(route.request().url()).searchParams;
      const product = path.endsWith("/product");
      const points = product ? Math.floor(query.get("price") * query.get("quantity") * 10) : 480;
      const text = product ? `Earn ${points} points` : `This cart earns ${points} points`;
      return route.fulfill({ json: { points, text }, headers: open });
    });
    const page = await context.newPage();
    page.on("request", (request) => request.url().includes("/tessera-loyalty/") && loaded.push(request.url()));
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
  const plain = (text) => text.replaceAll("\u2068", "");
  const found = {};

  const still = await opened({ javaScriptEnabled: false });
  await see(still, `/?post_type=product&p=${goods.mug}`, "no-script", "Earn 13,999 points");
  found.still = await still.locator("tessera-product").textContent();

  const guest = await opened();
  await see(guest, `/?post_type=product&p=${goods.mug}`, "product", "Earn 13,999 points");
  found.asked = asked.filter((path) => path.endsWith("/product"));
  found.untouched = [...loaded];
  const earns = (text) => guest.waitForFunction((text) => document.querySelector("tessera-product").textContent.includes(text), text);
  await guest.fill("[name=quantity]", "2");
  await guest.press("[name=quantity]", "Tab"); // what begins to load it has happened before it is there
  await earns("Earn 27999 points");
  await guest.evaluate(() => jQuery("[name=quantity]").val(3).trigger("change"));
  await earns("Earn 41998 points");
  found.asked_twice = asked.filter((path) => path.endsWith("/product")).length;
  loaded.length = 0;
  await see(guest, `/?post_type=product&p=${goods.shirt}`, "variable");
  found.variable = loaded.length;
  await guest.selectOption("select[name=attribute_size]", "L");
  await guest.locator("tessera-product").waitFor();
  const shirt = guest.locator("tessera-product");
  found.chosen = [plain(await shirt.textContent()), await shirt.getAttribute("price")];
  await guest.waitForTimeout(400);
  found.asked_for = asked.filter((path) => path.endsWith("/product")).length - found.asked_twice;
  await guest.screenshot({ path: join(shots, "wordpress-variation.png") });
  await guest.selectOption("select[name=attribute_size]", "");
  found.unchosen = await shirt.count();
  loaded.length = 0;
  await see(guest, "/news/", "bar", "Double points");
  found.bar = loaded.length;
  await guest.click("tessera-bar button");
  const bar = () => guest.evaluate(() => [document.querySelector("tessera-bar").hasAttribute("closed"), document.querySelector("tessera-bar p").checkVisibility()]);
  found.closed = [await bar()];
  await guest.reload();
  found.closed.push(await bar(), await guest.evaluate(() => localStorage["tessera-bar"]));
  await guest.click("tessera-panel > a"); // nothing is loaded yet on this page
  await guest.locator("tessera-panel dialog[open]").waitFor();
  loaded.length = 0;
  await see(guest, "/cart/", "guest-cart", "This cart earns 200 points");
  found.cart = loaded.length;
  await guest.context().close();

  const bob = await opened();
  await bob.context().addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value, url: address })));
  await see(bob, "/cart/", "cart", "480");
  found.classic = [await apply(bob, "none"), await apply(bob, "OUR1")];
  await see(bob, "/block-cart/", "block-cart", "480");
  found.drawn = JSON.parse(await bob.locator("tessera-cart").getAttribute("lines"));
  const codes = () => bob.evaluate(() => JSON.parse(document.querySelector("tessera-cart").getAttribute("lines")).discount_codes);
  found.block = [await apply(bob, "none"), await apply(bob, "OUR2")];
  while ((await codes()).length < 2) await bob.waitForTimeout(50);
  found.told = await codes();
  const kept = bob.waitForResponse((answer) => answer.url().includes("cart/extensions"));
  await bob.evaluate(() => document.dispatchEvent(new CustomEvent("tessera:arm", { detail: { value: "b" } })));
  await kept;
  const sent = bob.waitForResponse((answer) => answer.url().includes("cart/extensions"));
  await bob.evaluate(() => {
    const detail = { code: "KXW3N-T7PQ9" };
    for (const _ of [1, 2]) document.dispatchEvent(new CustomEvent("tessera:referral", { detail }));
  });
  await sent;
  Object.assign(found, await bob.evaluate(async () => {
    const { "data-session": session, "data-push": push } = window.tesseraTold.tag;
    const { status } = await fetch(session, { credentials: "same-origin" });
    const { scope } = await navigator.serviceWorker.register(push, { scope: push });
    return { session: status, scope, push };
  }));

  const choose = async (page) => {
    await page.mouse.click(500, 120);
    await page.evaluate(() => {
      const form = document.createElement("form");
      form.innerHTML = `<div class="tessera-later" data-attributes='{"product-id":"1"}'></div>`;
      document.body.append(form);
    });
    const attributes = { "variant-id": "2", price: "3.00" };
    for (let tries = 0; tries < 100; tries++) {
      await page.evaluate((tessera) => jQuery("form").last().trigger("found_variation", [{ tessera }]), { attributes, text: "Earn 30 points" });
      const seen = page.locator("form tessera-product");
      if (await seen.count()) return [await seen.textContent(), await seen.getAttribute("price"), await seen.count()];
      await page.waitForTimeout(50);
    }
  };
  await bob.goto(address + "/block-cart/");
  await bob.evaluate(() => document.querySelectorAll("form").forEach((one) => one.remove()));
  if (!(await bob.evaluate("window.jQuery"))) await bob.addScriptTag({ url: `${address}/wp-includes/js/jquery/jquery.min.js` });
  found.quick = await choose(bob);
  const cached = await opened();
  await cached.setContent('<tessera-product drawn data-until="1">Old</tessera-product><i data-until="4000000000">New</i>');
  await cached.addScriptTag({ path: join(dist, "woocommerce-until.js") });
  found.cached = await cached.evaluate(() => [document.querySelector("tessera-product").outerHTML, document.querySelector("i").textContent]);

  return { ...found, wrong };
});
