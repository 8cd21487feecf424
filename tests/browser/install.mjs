// {flags, width, height, screens, shop, token} → what a new merchant sees, from the first page to a running programme.
import { inBrowser } from "./launch.mjs";

const PATIENCE = { timeout: 20_000 };

class Merchant {
  constructor(page, { width, screens }) {
    Object.assign(this, { page, width, screens, console: [] });
    page.on("console", (said) => ["error", "warning"].includes(said.type()) && this.hear(said));
    page.on("pageerror", (error) => this.console.push(String(error)));
  }

  /** Note what a page says on the console, but for a shop that has no icon. */
  hear(said) {
    const { url } = said.location();
    if (!url.endsWith("/favicon.ico") || url.startsWith("https://tessera.example")) this.console.push(said.text());
  }

  async shoot(name) {
    await this.page.screenshot({ path: `${this.screens}/${name}-${this.width}.png`, fullPage: true });
  }
}

/** Publish a template and import the past; `view` is the page, or the frame that it stands in. */
async function begin(merchant, view, name) {
  await view.getByRole("heading", { name: "Begin with a programme" }).waitFor(PATIENCE);
  await merchant.shoot(`${name}-begin`);
  await view.getByRole("button", { name: "Publish this programme" }).click();
  await view.getByText("version 1").waitFor(PATIENCE);
  await merchant.shoot(`${name}-published`);
  await view.getByRole("button", { name: "Import", exact: true }).click();
  await view.getByText("were imported").waitFor(PATIENCE);
  await merchant.shoot(`${name}-imported`);
  return view.getByText("were imported").innerText();
}

/** Allow gift cards; answers what is left to allow. */
async function allow(merchant, view, name, agree) {
  const rows = view.getByRole("listitem").filter({ hasText: "not allowed this yet" });
  const gift = rows.filter({ hasText: "Gift cards" });
  await gift.scrollIntoViewIfNeeded(PATIENCE);
  await merchant.shoot(name);
  await gift.getByRole("link", { name: "Allow" }).click();
  await agree();
  await view.getByRole("heading", { name: "Connection" }).waitFor(PATIENCE);
  await gift.waitFor({ ...PATIENCE, state: "detached" });
  return (await rows.allInnerTexts()).map((text) => text.split("\n")[0]);
}

/** Answers each place of the shop with what is said of it, and what its link asks for. */
async function places(merchant, view, name) {
  const list = view.getByRole("list", { name: "Places in your shop" });
  await list.scrollIntoViewIfNeeded(PATIENCE);
  await merchant.shoot(name);
  return list.getByRole("listitem").evaluateAll((rows) =>
    rows.map((row) => [row.dataset.block, row.querySelector("span").textContent, row.querySelector("a").textContent, row.querySelector("a").search]),
  );
}

async function woocommerce(merchant) {
  const { page } = merchant;
  await page.goto("https://tessera.example/install/woocommerce");
  await merchant.shoot("woocommerce-address");
  await page.getByLabel("Your shop's address").first().fill("https://nobody.example");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  const wrong = await page.getByRole("alert").innerText(PATIENCE);
  await merchant.shoot("woocommerce-no-shop");
  const tries = async (answer) => {
    await page.goto("https://tessera.example/install/woocommerce");
    await page.getByLabel("Your shop's address").first().fill("mugs.example");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    if (await page.getByLabel("Username").isVisible()) {
      await page.getByLabel("Username").fill("boss");
      await page.getByRole("button", { name: "Login" }).click();
    }
    await merchant.shoot("woocommerce-grant");
    await page.getByText(answer, { exact: true }).click();
  };
  await tries("Deny");
  const denied = await page.locator("main").innerText(PATIENCE);
  await merchant.shoot("woocommerce-denied");
  await tries("Approve");
  return { wrong, denied, imported: await begin(merchant, page, "woocommerce") };
}

async function embedded(merchant) {
  const { page } = merchant;
  await page.goto("https://admin.shopify.com/store/mugs/install");
  await merchant.shoot("shopify-install");
  await page.getByRole("button", { name: "Install" }).click();
  const view = page.frameLocator("iframe[name=app]");
  const imported = await begin(merchant, view, "shopify");
  await view.getByText("✓ Added").first().waitFor(PATIENCE);
  const shown = await places(merchant, view, "shopify-places");
  return { imported, shown, allowed: await allow(merchant, view, "shopify-rights", async () => {}) };
}

async function granted(merchant, given) {
  const { page } = merchant;
  await page.goto(`https://tessera.example/install/shopify?${given.signed}`);
  await page.getByRole("button", { name: "Install app" }).click();
  await page.getByRole("heading", { name: "Connection" }).waitFor(PATIENCE);
  await merchant.shoot("shopify-by-grant");
  const address = page.url();
  const agree = () => page.getByRole("button", { name: "Install app" }).click();
  return { address, allowed: await allow(merchant, page, "shopify-rights-by-grant", agree) };
}

const WAYS = { woocommerce, embedded, granted };

await inBrowser(async (browser, given) => {
  const { width, height } = given;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: given.scheme, ignoreHTTPSErrors: true });
  const merchant = new Merchant(page, given);
  try {
    return { ...(await WAYS[given.way](merchant, given)), console: merchant.console };
  } catch (error) {
    await merchant.shoot(`${given.way}-broken`);
    throw error;
  }
});
