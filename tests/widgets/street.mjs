// A page of a shop, and Tessera's server: two origins, as in life. Both are made up, so that the server can be slow,
// wrong or gone.
import { readFile } from "node:fs/promises";

const SHOP = "http://shop.test";
const SERVER = "http://tessera.test";
export const TAG = `<script src="${SERVER}/widgets/v1/tessera.js" data-shop="s1" async></script>`;
const CSS =
  "<style>tessera-product{display:block;min-height:2em}tessera-cart{display:block;min-height:6.0625em}" +
  "tessera-balance{display:block;min-height:5.0625em}</style>" +
  '<link rel=stylesheet href="/tessera.css">';
const POLICY = `default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' ${SERVER}; connect-src ${SERVER} ${SHOP}`;
const OPEN = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };

/** What the server says of points: here without any rounding. */
export const points = ({ points = 399, ...more } = {}) => ({ points, about: false, text: `Earn ${points.toLocaleString("en")} points`, note: "", ...more });

/** A page of the shop with `body`, and a server whose answers are `answers[path]`: a value, a status or a function. */
export async function shop(browser, given, body, answers = {}, { lang = "en", dir = "ltr", tag = TAG, before, path = "/" } = {}) {
  const page = await browser.newPage({ viewport: { width: 390, height: 700 } });
  if (before) await page.addInitScript(before);
  const seen = { console: [], files: [], asked: [], busy: 0, sessions: 0, page };
  page.on("console", (said) => said.text().startsWith("[tessera]") && seen.console.push(said.text()));
  page.on("pageerror", (error) => seen.console.push(String(error)));
  const html = `<!doctype html><html lang="${lang}" dir="${dir}"><title>shop</title>${CSS}${tag}${body}<p id=after>after</p>`;
  await page.route(`${SHOP}/**`, (route) =>
    route.fulfill({ contentType: "text/html", body: html, headers: { "Content-Security-Policy": POLICY } }),
  );
  await page.route(`${SHOP}/tessera.css`, async (route) =>
    route.fulfill({ contentType: "text/css", body: await readFile(`${given.dist}/tessera.css`) }),
  );
  await page.route(`${SHOP}/files/*`, async (route) =>
    route.fulfill({ contentType: "text/javascript", body: await readFile(`${given.dist}/${route.request().url().split("/").pop()}`) }),
  );
  page.on("request", () => (seen.busy += 1));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, () => (seen.busy -= 1));
  await page.route(`${SERVER}/widgets/v1/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.replace("/widgets/v1/", "");
    seen.files.push(name);
    const file = await readFile(`${given.dist}/${name}`);
    const contentType = name.endsWith(".json") ? "application/json" : "text/javascript";
    await route.fulfill({ contentType, body: file, headers: OPEN });
  });
  await page.route(/tessera\.test\/(widget|shopper)\//, (route) => answer(route, answers, seen));
  await page.route(`${SHOP}/session`, (route) => {
    seen.sessions += 1;
    const told = answers.session();
    return typeof told === "number" ? route.fulfill({ status: told }) : route.fulfill({ json: told });
  });
  await page.goto(SHOP + path);
  return seen;
}

async function answer(route, answers, seen) {
  const request = route.request();
  const url = new URL(request.url());
  if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers: OPEN });
  const body = request.postData();
  seen.asked.push({ path: url.pathname, ...Object.fromEntries(url.searchParams), ...(body && { body: JSON.parse(body) }) });
  const [last, before] = url.pathname.split("/").reverse();
  const given = answers[`${request.method()} ${last}`] ?? answers[last] ?? answers[before];
  const told = typeof given === "function" ? await given(url.searchParams, seen.asked.length, request) : given;
  if (told === "gone") return route.abort().catch(() => {});
  if (typeof told === "number") return route.fulfill({ status: told, headers: OPEN, body: "{}" });
  await route.fulfill({ json: told ?? points(), headers: OPEN }).catch(() => {}); // the page may have given up
}

/** A line of an element: of its shadow, or its own content. */
export const text = (seen, element, part = "p") =>
  seen.page.evaluate(
    ([e, p]) => (document.querySelector(e).shadowRoot?.querySelector(p) ?? document.querySelector(e)).textContent.replace("\u2068", ""),
    [element, part],
  );

/** Give the page time by its own clock, and more while it asks for something: a busy machine is slow, not wrong. */
export async function settle(seen, ms = 300) {
  const count = () => seen.asked.length + seen.files.length + seen.sessions;
  let before;
  do {
    before = count();
    await seen.page.evaluate((ms) => new Promise((done) => setTimeout(done, ms)), ms);
  } while (seen.busy || count() > before);
}

export const top = (seen) => seen.page.evaluate(() => document.querySelector("#after").getBoundingClientRect().top);
