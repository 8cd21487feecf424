// node check.mjs FOLDER: what Shopify's theme-check says of a theme app extension, as JSON.
import { resolve } from 'node:path';
import node from '@shopify/theme-check-node';

const { offenses } = await node.themeCheckRun(resolve(process.argv[2]), 'theme-check:theme-app-extension', () => {});
const where = ({ uri, start }) => `${uri.split('/').slice(-2).join('/')}:${start.line + 1}`;
console.log(JSON.stringify(offenses.map((one) => ({ check: one.check, message: one.message, at: where(one) }))));
