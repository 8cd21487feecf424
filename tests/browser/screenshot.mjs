// {url, file, width, height} → a PNG in `file`; answers the page's title and its messages on the console.
import { inBrowser } from "./launch.mjs";

await inBrowser(async (browser, { url, file, width, height }) => {
  const page = await browser.newPage({ viewport: { width, height } });
  const messages = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  await page.goto(url);
  await page.screenshot({ path: file });
  return { title: await page.title(), messages };
});
