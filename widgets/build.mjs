// Builds dist from src and prints what a shopper's browser will load.
// `node build.mjs [FOLDER [NAME]]`: FOLDER instead of dist (a test compares the two); NAME: that element by itself, too.
import { build, transform } from 'esbuild';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = resolve(process.argv[2] ?? `${here}dist`);

/** What a page's tag names is a plain script, because only a plain script knows its own tag; the elements are modules. */
const MODULES =
  'cart balance panel bar gate referral programme earned ask share wish survey form words experiment redeem woocommerce/variations'.split(' ');
const SCRIPTS = 'tessera tessera-cart tessera-cart-mini tessera-product push-worker'.split(' ');

/** In pages of platforms a server says what our tag says elsewhere: `loader` is that tag. */
const WOOCOMMERCE = ['starter', 'product', 'cart', 'blocks'].map((name) => `woocommerce/${name}`);
const SHOPIFY = ['starter', 'product'].map((name) => `shopify/${name}`);

/** @param {string} name */
const toldBy = (name) => ({
  define: { 'document.currentScript': 'loader' },
  inject: [`${here}src/${name.split('/')[0]}/told.js`],
});

const FORMATS = Object.fromEntries([
  ...[...SCRIPTS, ...WOOCOMMERCE, 'woocommerce/until'].map((name) => [name, 'iife']),
  ...MODULES.map((name) => [name, 'esm']),
]);

/** A plain script is read in the page's encoding, which may be an old one; a module is UTF-8 everywhere. */
const CHARSETS = { iife: 'ascii', esm: 'utf8' };

/** A style is a text of the script that brings it, as small as it goes. */
const styles = {
  name: 'styles',
  setup: (/** @type {any} */ { onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    }),
};

const SETTINGS = {
  absWorkingDir: here,
  bundle: true,
  legalComments: 'none',
  minify: true,
  outdir: out,
  plugins: [styles],
  target: 'es2022',
  write: false,
};

/** @param {string} name @param {string} format */
async function bundle(name, format) {
  const more = [...WOOCOMMERCE, ...SHOPIFY].includes(name) ? toldBy(name) : {};
  const entryPoints = [`src/${name}.js`];
  const { outputFiles } = await build({ ...SETTINGS, ...more, charset: CHARSETS[format], entryPoints, format });
  const text = outputFiles[0].text.replace(/^"use strict";/, ''); // what is in there is strict anyway
  return { file: `${name.replace('/starter', '').replace('/', '-')}.js`, contents: Buffer.from(text) };
}

/** @param {string[]} names */
const parts = (...names) => names.map((name) => readFileSync(`${here}src/page/${name}.css`, 'utf8')).join('');

/** A bar that a server draws looks as the script's own: the same style, outside of a shadow. */
const BAR = readFileSync(`${here}src/bar.css`, 'utf8').replace(/:host(\((.*?)\))?/g, '&$2');

/** Styles for a page's head, by what is on the page. */
const PAGES = {
  'tessera-product': parts('product'),
  'tessera-cart': parts('cart'),
  'tessera-launcher': parts('launcher'),
  'tessera-bar': `tessera-bar[drawn] {${BAR}}`,
  tessera: parts('product', 'cart', 'others', 'launcher'),
};
const UNNESTED = ['chrome111', 'firefox116', 'safari16.4'];

/** @param {[string, string]} page */
async function pageStyle([name, css]) {
  const { code } = await transform(css, { loader: 'css', minify: true, target: UNNESTED });
  return { file: `${name}.css`, contents: Buffer.from(code) };
}

/** What lives beside dist: the theme extension's own scripts and the pages' styles. With FOLDER they are there too. */
const THEME = process.argv[2] ? out : `${here}shopify/extensions/tessera/assets`;
const THEME_SCRIPTS = { 'shopify/starter': 'iife', 'shopify/product': 'iife', 'shopify/page': 'esm', 'shopify/cart': 'esm' };
const THEME_STYLES = Object.keys(PAGES).filter((name) => name != 'tessera-launcher'); // its link has a theme's own settings

/** @param {(string | number)[]} cells */
const row = (cells) => console.log(cells.map((cell, i) => (i ? `${cell}`.padStart(8) : cell.padEnd(20))).join(''));

/** @param {string} folder @param {{ file: string, contents: Buffer }} made */
function write(folder, { file, contents }) {
  mkdirSync(dirname(`${folder}/${file}`), { recursive: true });
  writeFileSync(`${folder}/${file}`, contents);
  row([file, contents.length, gzipSync(contents, { level: 9 }).length, brotliCompressSync(contents).length]);
}

/** The words of one language, as the panel loads them. @param {string} file */
const words = (file) => ({
  file: `words/${file}`,
  contents: Buffer.from(JSON.stringify(JSON.parse(readFileSync(`${here}words/${file}`, 'utf8')))),
});

if (process.argv[3]) FORMATS[process.argv[3]] = 'esm';

const files = await Promise.all(Object.entries(FORMATS).map(([name, format]) => bundle(name, format)));
const pageStyles = await Promise.all(Object.entries(PAGES).map(pageStyle));
files.push(...pageStyles, ...readdirSync(`${here}words`).map(words));
row(['file', 'bytes', 'gzip', 'brotli']);
files.forEach((file) => write(out, file));
for (const [name, format] of Object.entries(THEME_SCRIPTS)) {
  const { file, contents } = await bundle(name, format);
  write(THEME, { file: file.replace('shopify', 'tessera-shop'), contents });
}
for (const { file, contents } of pageStyles)
  if (THEME_STYLES.includes(basename(file, '.css'))) writeFileSync(`${THEME}/${file}`, contents);
