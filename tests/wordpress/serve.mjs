// A WordPress site on 127.0.0.1: node serve.mjs FOLDER STATIC CACHE. Prints its address; ends with its standard input.
//
// What WordPress asks of other servers goes through here (mu-plugins/calls.php posts it). Who answers for whom stands in
// routes.json beside FOLDER. CACHE keeps what PHP has compiled.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { PHPRequestHandler, setPhpIniEntries } from "@php-wasm/universal";
import { php } from "./php.mjs";

const [folder, statics, cache] = process.argv.slice(2);
const KINDS = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".woff2": "font/woff2" };
const MOST = 1000; // requests that one PHP answers: its memory is given back with it

let site = null;
let asked = 0;

async function opened(address) {
  const made = await php({ "/wordpress": folder, "/internal/shared/opcache": cache });
  await made.setSapiName("fpm-fcgi"); // else PHP keeps nothing of what it has compiled
  // Better code costs more than these pages give back, and nobody else writes into the cache.
  await setPhpIniEntries(made, { "opcache.optimization_level": 0, "opcache.file_cache_consistency_checks": 0 });
  made.onMessage(async (told) => JSON.stringify(await call(JSON.parse(told))));
  const redirect = () => ({ type: "internal-redirect", uri: "/index.php" });
  const settings = { documentRoot: "/wordpress", absoluteUrl: address, cookieStore: false, getFileNotFoundAction: redirect };
  return { handler: new PHPRequestHandler({ php: made, ...settings }), made };
}

async function call({ url, method, headers, body }) {
  try {
    const routes = JSON.parse(await readFile(join(folder, "../routes.json"), "utf8"));
    const [from, to] = Object.entries(routes).find(([address]) => url.startsWith(address)) ?? ["", null];
    if (to === null) throw new Error(`nobody is at ${url}`);
    const answer = await fetch(to + url.slice(from.length), { method, headers, body: body || undefined, redirect: "manual" });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  } catch (error) {
    return { error: String(error) };
  }
}

async function asset(path) {
  if (!(extname(path) in KINDS)) return null;
  for (const root of [folder, statics]) {
    try {
      return await readFile(join(root, normalize(path)));
    } catch {}
  }
  return null;
}

async function answer(request, response, address) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (site && ++asked % MOST === 0) {
    site.made.exit();
    site = null;
  }
  site ??= await opened(address);
  const { method, headers } = request;
  const told = await site.handler.request({ url: request.url, method, headers, body: new Uint8Array(Buffer.concat(chunks)) });
  if (told.errors) process.stderr.write(told.errors);
  response.writeHead(told.httpStatusCode, told.headers);
  return response.end(Buffer.from(told.bytes));
}

let turn = Promise.resolve(); // PHP answers one after the other
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, address);
  const found = request.method === "GET" ? await asset(pathname) : null;
  if (found) {
    response.writeHead(200, { "Content-Type": KINDS[extname(pathname)] });
    return response.end(found);
  }
  turn = turn
    .then(() => answer(request, response, address))
    .catch((error) => {
      process.stderr.write(`${error.stack ?? error}\n`);
      response.headersSent || response.writeHead(500);
      response.end();
    });
});
let address = "";
server.keepAliveTimeout = 0; // a connection that is used again is not closed at that moment
server.listen(0, "127.0.0.1", () => {
  address = `http://127.0.0.1:${server.address().port}`;
  console.log(address);
});
process.stdin.resume().on("end", () => process.exit(0));
