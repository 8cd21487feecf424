// {dist} → what the smaller elements do on a shop's page, scenario by scenario.
import { readFileSync } from "node:fs";
import { inBrowser } from "../browser/launch.mjs";
import { settle, shop, TAG, text, top } from "./street.mjs";

const tag = TAG.replace(" async", ' data-session="/session" data-login="/login" data-join="/join" async');
const GUEST = { tag: TAG.replace(" async", ' data-login="/login" data-join="/join" async') };
const MEMBER = { tag };
const session = () => ({ token: "t1", expires_at: new Date(Date.now() + 6e5).toISOString() });
const me = {
  points: { available: 380, pending: 0, coming: [], expiring: [] },
  text: { available: "380 points", note: "" },
  tier: { key: "gold" },
  way: { part: 0.76, text: "120 points to €5 off" },
};
const HOSTILE = '<img src=x onerror="window.hit=1">';
const way = (kind, more = {}) => ({ kind, name: kind, do: null, text: "+50 points", points: 50, subject: null, self_reported: true, open: true, ...more });
const activities = (...ways) => ({ "GET activities": { data: ways }, "POST activities": { state: "awarded", points: 50, text: "You earned 50 points" } });
const programme = {
  name: HOSTILE,
  currency: "EUR",
  points_name: { one: "star", other: "stars" },
  announcement: { text: "Double points", link: "https://shop.test/now", until: null, close: "Close" },
  faq: [{ question: "What?", answer: "That." }],
  rate: { points: "10", per: "1" },
  ways: [way("review", { name: "Review", self_reported: false })],
  rewards: [{ key: "five", title: "€5 off", points: 500 }],
  tiers: [
    { key: "entry", name: "Friend", enter: "0", multiplier: null, perks: {} },
    { key: "gold", name: "Gold", enter: "400", multiplier: "2", perks: { free_shipping: true, discount_percent: "5", early_access_days: 2, entry_reward: "five" } },
  ],
  tier_measure: { by: "orders", window: "rolling_12_months", sentence: "The last 12 months count" },
  referral: { referrer: { points: 500, reward: null }, friend: { points: 0, reward: "€5 off" } },
  expiry: { sentence: "Points do not expire" },
};

/** Everything that can be seen of an element, its own content and its shadow, as one reads it. */
const visible = (seen, element) =>
  seen.page.evaluate((element) => {
    const read = (node) => {
      if (node.nodeType === Node.TEXT_NODE) return [node.textContent.replaceAll("\u2068", "").trim()];
      if (node.nodeType === Node.ELEMENT_NODE && (node.localName === "script" || !(node.localName === "slot" || node.checkVisibility()))) return [];
      if (node.localName === "slot" && node.assignedNodes().length) return node.hidden || !shown(node) ? [] : node.assignedNodes().flatMap(read);
      return [...(node.shadowRoot ?? node).childNodes].flatMap(read);
    };
    const shown = (slot) => getComputedStyle(slot).display !== "none";
    return read(document.querySelector(element)).filter(Boolean);
  }, element);

/** Open a page, wait, and tell what is seen of an element and how far the page has moved. */
async function look(browser, given, element, body, answers = {}, options = MEMBER) {
  const seen = await shop(browser, given, body, { session, me, ...answers }, options);
  const before = await top(seen);
  await settle(seen, 400);
  seen.moved = (await top(seen)) - before;
  seen.text = await visible(seen, element);
  return seen;
}

async function bar(browser, given) {
  const body = "<tessera-bar></tessera-bar>";
  const answers = { programme: { ...programme } };
  const seen = await look(browser, given, "tessera-bar", body, answers, { tag });
  await seen.page.setViewportSize({ width: 800, height: 600 });
  const wide = await visible(seen, "tessera-bar");
  const name = await seen.page.evaluate(() => document.querySelector("tessera-bar").shadowRoot.querySelector("button").ariaLabel);
  await seen.page.locator("tessera-bar button").press("Enter");
  const closed = await visible(seen, "tessera-bar");
  const focused = await seen.page.evaluate(() => document.activeElement.localName);
  await seen.page.reload();
  await settle(seen, 400);
  const again = await visible(seen, "tessera-bar");
  const kept = await seen.page.evaluate(() => Object.entries(localStorage));
  answers.programme = { ...programme, announcement: { ...programme.announcement, text: "Triple points" } };
  await seen.page.route(/programme/, (route) => route.fulfill({ json: answers.programme, headers: { "Access-Control-Allow-Origin": "*" } }));
  await seen.page.reload();
  await settle(seen, 400);
  const other = await visible(seen, "tessera-bar");
  const own = await look(browser, given, "tessera-bar", '<tessera-bar close="Weg">Our own text</tessera-bar>', {}, GUEST);
  const { text, link, close } = programme.announcement;
  const whole = `<tessera-bar drawn><p><a href="${link}">${text}</a></p><small></small><button type="button" aria-label="${close}">&times;</button></tessera-bar>`;
  const style = readFileSync(`${given.dist}/tessera-bar.css`, "utf8");
  const both = await look(browser, given, "tessera-bar", `<style>${style}</style><tessera-bar></tessera-bar>${whole}`, { programme }, { tag });
  await both.page.setViewportSize({ width: 800, height: 600 });
  await settle(both, 100);
  const drawn = await both.page.evaluate(() =>
    [...document.querySelectorAll("tessera-bar")].map((bar) => {
      const top = bar.getBoundingClientRect().y;
      const inside = [...(bar.shadowRoot ?? bar).children].map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return { text: one.textContent.replaceAll("\u2068", ""), place: [x, y - top, width, height].map(Math.round) };
      });
      return { inside, background: getComputedStyle(bar).backgroundColor, height: bar.offsetHeight };
    }),
  );
  return { drawn, drawn_moved: both.moved, wide, name, closed, focused, again, kept, other, moved: seen.moved, own: own.text, asked: own.asked.length };
}

async function gate(browser, given) {
  const body = '<tessera-gate tier="gold"><b>For gold eyes</b></tessera-gate>';
  const closed = { open: false, opens_at: null, text: "For Gold members", note: "For everyone from May", enter: "Log in" };
  const guest = await look(browser, given, "tessera-gate", body, { gate: closed }, GUEST);
  const member = await look(browser, given, "tessera-gate", body, { gate: { ...closed, open: true, text: "", note: "" } });
  const down = await look(browser, given, "tessera-gate", body, { gate: "gone" }, GUEST);
  const { path, tier, product } = member.asked.at(-1);
  return { guest: guest.text, member: member.text, down: down.text, asked: { path, tier, product }, moved: [guest.moved, down.moved] };
}

async function referral(browser, given) {
  const body = `<script></script><tessera-referral><a href="/">Shop</a></tessera-referral>`;
  const good = { code: "KXW3N-T7PQ9", text: "A gift from your friend: 200 points" };
  const options = { ...GUEST, path: "/?ref=kxw3nt7pq9", before: () => {
    window.heard = [];
    document.addEventListener("tessera:referral", (event) => window.heard.push(event.detail.code));
  } };
  const seen = await look(browser, given, "tessera-referral", body, { referral: good }, options);
  const told = { text: seen.text, path: seen.asked[0].path, heard: await seen.page.evaluate(() => window.heard), moved: seen.moved };
  await seen.page.goto("http://shop.test/cart");
  await settle(seen, 400);
  const kept = await seen.page.evaluate(() => [window.heard, Object.entries(sessionStorage), localStorage.length]);
  const unknown = await look(browser, given, "tessera-referral", body, { referral: { code: null, text: "" } }, { ...options, path: "/?ref=../x%22%00" });
  const none = await look(browser, given, "tessera-referral", body, {}, { ...options, path: "/" });
  return { told, kept, unknown: [unknown.text, unknown.asked[0].path, await unknown.page.evaluate(() => [window.heard, sessionStorage.length])], none: none.asked.length };
}

async function earned(browser, given) {
  let looks = 0;
  const order = { id: "1001", state: "earned", points: 399, text: "You earned 399 points", note: "", why: "€39.90 × 10 = 399 points" };
  const orders = () => (++looks < 3 ? { ...order, state: "unknown", points: 0, text: "" } : order);
  const body = '<tessera-earned order="A/1"><a href="/join">Join</a></tessera-earned>';
  const seen = await look(browser, given, "tessera-earned", body, { "A%2F1": orders });
  await settle(seen, 1800);
  const then = await visible(seen, "tessera-earned");
  const guest = await look(browser, given, "tessera-earned", body, {}, GUEST);
  return { first: seen.text, then, looks, moved: seen.moved, wait: seen.asked[0].wait, console: seen.console, guest: [guest.text, guest.asked.length] };
}

async function ask(browser, given) {
  const link = '<tessera-ask kind="review" product="p1" href="/write">How is it?</tessera-ask>';
  const guest = await look(browser, given, "tessera-ask", link, { programme }, GUEST);
  const href = await guest.page.evaluate(() => document.querySelector("tessera-ask").shadowRoot.querySelector("a").getAttribute("href"));
  const question = '<tessera-ask kind="question" product="p1">Unclear?</tessera-ask>';
  const told = activities(way("question", { do: "Ask a question" }));
  let down = true;
  const post = told["POST activities"];
  const seen = await look(browser, given, "tessera-ask", question, { ...told, "POST activities": () => (down ? 500 : post) });
  await seen.page.locator("tessera-ask button").press("Enter");
  await settle(seen);
  const field = await seen.page.evaluate(() => {
    const root = document.querySelector("tessera-ask").shadowRoot;
    return [root.activeElement?.localName, root.activeElement?.ariaLabel];
  });
  await seen.page.keyboard.type("Is it blue?");
  await seen.page.locator("tessera-ask form button").click();
  await settle(seen);
  const failed = [await text(seen, "tessera-ask", "form p"), await seen.page.locator("tessera-ask textarea").inputValue()];
  down = false;
  await seen.page.locator("tessera-ask form button").click();
  await settle(seen);
  const sent = seen.asked.filter((one) => one.body).at(-1).body;
  const done = await look(browser, given, "tessera-ask", question, activities(way("question", { open: false })));
  return { guest: guest.text, href, before: seen.text, field, failed, sent, after: await visible(seen, "tessera-ask"), done: done.text };
}

async function share(browser, given) {
  const body = '<tessera-share url="/cups?a=1&b=2" title="Cups & more">Pass it on</tessera-share>';
  const quiet = () => delete Navigator.prototype.share;
  const seen = await look(browser, given, "tessera-share", body, activities(way("social_share")), { tag, before: quiet });
  await seen.page.evaluate(() => document.addEventListener("click", (event) => event.preventDefault()));
  await seen.page.locator("tessera-share button").click();
  const links = await seen.page.evaluate(() => [...document.querySelector("tessera-share").shadowRoot.querySelectorAll("a")].map((one) => one.href));
  const focused = await seen.page.evaluate(() => document.querySelector("tessera-share").shadowRoot.activeElement?.textContent);
  for (const link of await seen.page.locator("tessera-share a").all()) await link.click();
  await settle(seen);
  const later = '<tessera-share order="7">Pass it on</tessera-share>';
  const arrived = {};
  for (const delivered of [false, true])
    arrived[delivered] = (await look(browser, given, "tessera-share", later, { ...activities(way("social_share")), 7: { delivered } }, { tag, before: quiet })).text;
  const sheet = () => (Navigator.prototype.share = (shared) => Promise.resolve((window.shared = shared)));
  const native = await look(browser, given, "tessera-share", body, { programme: "gone" }, { ...GUEST, before: sheet });
  await native.page.locator("tessera-share button").click();
  return {
    before: seen.text,
    links,
    focused,
    arrived,
    told: seen.asked.filter((one) => one.body).map((one) => one.body),
    after: (await visible(seen, "tessera-share")).at(-1),
    down: native.text,
    shared: await native.page.evaluate(() => window.shared),
    nothing: (await look(browser, given, "tessera-share", "<tessera-share></tessera-share>", { programme: "gone" }, GUEST)).text,
  };
}

async function wish(browser, given) {
  const heart = '<tessera-wish product-id="p1" variant-id="v1">Remember</tessera-wish>';
  const before = () => {
    window.heard = [];
    document.addEventListener("tessera:wish", (event) => window.heard.push(event.detail));
  };
  const seen = await look(browser, given, "tessera-wish", heart + heart, activities(way("wishlist_add")), { tag, before });
  const pressed = () => seen.page.evaluate(() => [...document.querySelectorAll("tessera-wish")].map((one) => one.shadowRoot.querySelector("button").ariaPressed));
  const states = [await pressed()];
  const name = await seen.page.getByRole("button", { name: "Remember" }).count();
  await seen.page.locator("tessera-wish button").first().press("Space");
  await settle(seen);
  states.push(await pressed());
  const kept = await seen.page.evaluate(() => Object.entries(localStorage));
  await seen.page.reload();
  await settle(seen);
  states.push(await pressed());
  await seen.page.locator("tessera-wish button").last().click();
  await settle(seen);
  states.push(await pressed());
  const told = seen.asked.filter((one) => one.body).map((one) => one.body);
  const guest = await look(browser, given, "tessera-wish", heart, { programme: { ways: [way("wishlist_add")] } }, { ...GUEST, before });
  await guest.page.locator("tessera-wish button").click();
  await settle(guest);
  return { states, name, kept, told, heard: await guest.page.evaluate(() => window.heard), guest: guest.asked.filter((one) => one.body).length };
}

async function survey(browser, given) {
  const form = '<form><input name="next" value="a jug"><input name="currency" value="none"><input name=both value=1><input name=both value=2><button>Send</button></form>';
  const body = `<tessera-survey subject="spring">${form}</tessera-survey>`;
  const before = () => addEventListener("submit", (event) => {
    window.left = !event.defaultPrevented;
    event.preventDefault();
  });
  const seen = await look(browser, given, "tessera-survey", body, activities(way("survey", { subject: "spring" })), { tag, before });
  await seen.page.locator("button").dblclick();
  await settle(seen);
  const sent = seen.asked.filter((one) => one.body).map((one) => one.body);
  const wrong = await look(browser, given, "tessera-survey", body, { ...activities(way("survey")), "POST activities": 422 }, { tag, before });
  await wrong.page.locator("button").click();
  await settle(wrong);
  const guest = await look(browser, given, "tessera-survey", body, { programme: { ways: [] } }, { ...GUEST, before });
  await guest.page.locator("button").click();
  return {
    before: seen.text,
    sent,
    after: await visible(seen, "tessera-survey"),
    left: await seen.page.evaluate(() => window.left),
    wrong: (await visible(wrong, "tessera-survey")).at(-1),
    guest: [guest.text, await guest.page.evaluate(() => window.left), guest.asked.filter((one) => one.body).length],
  };
}

async function whole(browser, given) {
  const body = "<tessera-programme></tessera-programme>";
  const guest = await look(browser, given, "tessera-programme", body, { programme }, GUEST);
  const member = await look(browser, given, "tessera-programme", body, { programme });
  const columns = await member.page.evaluate(() => {
    const root = document.querySelector("tessera-programme").shadowRoot;
    const rows = [...root.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    return { rows, own: [...root.querySelectorAll("th.own")].map((cell) => cell.textContent), images: root.querySelectorAll("img").length };
  });
  const french = await look(browser, given, "tessera-programme", body, { programme }, { ...GUEST, lang: "fr" });
  const down = await look(browser, given, "tessera-programme", body, { programme: "gone" }, GUEST);
  return { guest: guest.text, member: member.text.slice(0, 3), ...columns, hit: await member.page.evaluate(() => window.hit ?? 0), french: french.text.slice(1, 4), down: down.text };
}

/** Where the server is gone nobody sees anything, and nothing moves. */
async function gone(browser, given) {
  const body =
    '<tessera-bar></tessera-bar><tessera-gate tier="gold">secret</tessera-gate><tessera-referral></tessera-referral>' +
    '<tessera-earned order="1"></tessera-earned><tessera-ask kind="review" href="/x">How?</tessera-ask><tessera-share></tessera-share><tessera-programme></tessera-programme>';
  const lost = Object.fromEntries(["programme", "gate", "referral", "me", "activities", "1"].map((name) => [name, "gone"]));
  const seen = await look(browser, given, "tessera-bar", body, lost, { tag, path: "/?ref=KXW3N-T7PQ9" });
  const texts = [];
  for (const name of ["bar", "gate", "referral", "earned", "ask", "share", "programme"]) texts.push(...(await visible(seen, "tessera-" + name)));
  return { texts, moved: seen.moved, console: seen.console };
}

const SCENARIOS = { bar, gate, referral, earned, ask, share, wish, survey, whole, gone };

await inBrowser(async (browser, given) => {
  const found = {};
  const waiting = Object.entries(SCENARIOS);
  const play = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) found[next[0]] = await next[1](browser, given);
  };
  await Promise.all([play(), play(), play()]);
  return found;
});
