// Builds the twins into FOLDER and prints their names: `node build.mjs FOLDER`.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const TWINS = ['preact', 'lit'];

await build({
  absWorkingDir: here,
  bundle: true,
  loader: { '.css': 'text' },
  define: { 'process.env.NODE_ENV': '"production"' },
  entryPoints: TWINS.map((name) => `${name}.js`),
  format: 'iife',
  legalComments: 'none',
  minify: true,
  outdir: process.argv[2],
  target: 'es2022',
});
console.log(TWINS.join(' '));
