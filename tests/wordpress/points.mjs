// The plugin's sums without WordPress: one JSON document a line in, one out.
import { createInterface } from "node:readline";
import { resolve } from "node:path";
import { php } from "./php.mjs";

const CODE = `<?php
define('ABSPATH', '/');
function determine_locale() { return $GLOBALS['told']['locale']; }
foreach (array('Points', 'Sentence', 'Table') as $part) require_once "/plugin/src/$part.php";
$told = json_decode(file_get_contents('/told.json'), true);
$cart = isset($told['items']);
$points = $cart ? TesseraLoyalty\\Points::of_cart($told['table'], $told['items'], $told['tier']) : TesseraLoyalty\\Points::of($told['table'], $told['item'], $told['tier']);
echo json_encode(array($points, $cart ? TesseraLoyalty\\Sentence::cart($told['table'], $points) : TesseraLoyalty\\Sentence::earn($told['table'], $points)));`;

const MOST = 500; // a PHP from npm keeps some files of each run open

const fresh = () => php({ "/plugin": resolve(process.argv[2]) });
let made = await fresh();
let runs = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (++runs % MOST == 0) made = await fresh();
  made.writeFile("/told.json", line);
  const answer = await made.run({ code: CODE });
  if (answer.errors) throw new Error(answer.errors);
  console.log(answer.text);
}
process.exit(0);
