// {base, visits: [[lang, dark, [state, …]], …]} → what axe-core finds against WCAG 2.2 AA, and what the console says:
// the gallery is opened once for each visit, and the named frames of it are looked at.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { inBrowser } from "../browser/launch.mjs";

const require = createRequire(new URL("../browser/launch.mjs", import.meta.url));
const AXE = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const OPTIONS = { iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] };

/** Run axe in a page or a frame: the rule and the place of each violation; and nothing is wider than its page. */
async function look(frame) {
  await frame.evaluate(AXE);
  return frame.evaluate(async (options) => {
    const { violations } = await axe.run(document, options);
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) => [id, target.join(" "), any[0]?.message ?? ""]));
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [...found, ["wider", "html", `${scrollWidth} > ${clientWidth}`]] : found;
  }, OPTIONS);
}

async function visit(browser, base, [lang, dark, states]) {
  const found = [];
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 }, colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
  page.on("pageerror", (error) => found.push([lang, "error", String(error)]));
  page.on("console", (said) => said.text().includes("Content Security Policy") && found.push([lang, "policy", said.text()]));
  await page.goto(`${base}/demo/gallery?lang=${lang}`);
  await page.evaluate((states) => {
    for (const frame of document.querySelectorAll("iframe")) {
      if (states.includes(new URL(frame.src).pathname.split("/").pop())) frame.loading = "eager";
      else frame.remove();
    }
  }, states);
  await page.waitForLoadState("networkidle", { timeout: 120_000 }); // some hundred frames
  for (const frame of page.frames())
    for (const violation of await look(frame)) found.push([lang, dark, new URL(frame.url()).pathname, ...violation]);
  await page.close();
  return found;
}

await inBrowser(async (browser, { base, visits }) => (await Promise.all(visits.map((one) => visit(browser, base, one)))).flat());
