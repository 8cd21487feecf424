// node check.mjs FOLDER…: what Shopify's theme-check says of theme app extensions, as JSON, a list for each.
import { resolve } from 'node:path';
import node from '@shopify/theme-check-node';

const where = ({ uri, start }) => `${uri.split('/').slice(-2).join('/')}:${start.line + 1}`;
const check = async (/** @type {string} */ folder) => {
  const { offenses } = await node.themeCheckRun(resolve(folder), 'theme-check:theme-app-extension', () => {});
  return offenses.map((one) => ({ check: one.check, message: one.message, at: where(one) }));
};
console.log(JSON.stringify(await Promise.all(process.argv.slice(2).map(check))));
