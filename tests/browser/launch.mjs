// Run `work(browser, given)` in the Chromium that tests/servers.py found; its answer goes to stdout as JSON.
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", // as root, and in most containers, Chromium cannot make its sandbox; it only sees our own pages
  "--disable-dev-shm-usage", // a container's /dev/shm may be 64 MB
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  // No call home: tests reach nothing but this machine.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function inBrowser(work) {
  const { path, env, given } = JSON.parse(await text(process.stdin));
  const args = [...FLAGS, ...(given.flags ?? [])];
  const browser = await chromium.launch({ executablePath: path, env: { ...process.env, ...env }, args });
  try {
    process.stdout.write(JSON.stringify((await work(browser, given)) ?? null));
  } finally {
    await browser.close();
  }
}
