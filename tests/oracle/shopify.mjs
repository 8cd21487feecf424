// [{kind, …}] on stdin → for each, whether Shopify's official library takes it for genuine.
import { text } from "node:stream/consumers";
import "@shopify/shopify-api/adapters/node";
import { shopifyApi } from "@shopify/shopify-api";

const { settings, cases } = JSON.parse(await text(process.stdin));
const shopify = shopifyApi({
  ...settings,
  apiVersion: "2026-10",
  hostName: "tessera.example",
  isEmbeddedApp: true,
  scopes: ["read_orders"],
  logger: { log: () => {} },
});

/** Several values of one name, as the library's own adapters hand them on. */
const query = (told) => {
  const found = {};
  for (const [name, value] of new URLSearchParams(told)) found[name] = name in found ? [found[name], value].flat() : value;
  return found;
};

const KINDS = {
  oauth: ({ told }) => shopify.utils.validateHmac(query(told)),
  proxy: ({ told }) => shopify.utils.validateHmac(query(told), { signator: "appProxy" }),
  session: async ({ token }) => (await shopify.session.decodeSessionToken(token)).dest,
  webhook: async ({ body, headers }) =>
    (await shopify.webhooks.validate({ rawBody: body, rawRequest: { method: "POST", url: "/webhooks", headers } })).valid,
};

const answers = [];
for (const one of cases) answers.push(await Promise.resolve(KINDS[one.kind](one)).catch(() => false));
process.stdout.write(JSON.stringify(answers));
