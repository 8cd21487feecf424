// Parse every PHP file of a folder, as `php -l` does: node lint.mjs FOLDER
import { resolve } from "node:path";
import { php } from "./php.mjs";

const LINT = `<?php
$bad = array();
$count = 0;
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator('/linted')) as $file) {
    if ($file->getExtension() !== 'php' || strpos($file->getPathname(), '/node_modules/') !== false) continue;
    $count++;
    try {
        token_get_all(file_get_contents($file->getPathname()), TOKEN_PARSE);
    } catch (ParseError $error) {
        $bad[] = substr($file->getPathname(), 8) . ':' . $error->getLine() . ': ' . $error->getMessage();
    }
}
echo json_encode(array($count, $bad));`;

const [count, bad] = JSON.parse((await (await php({ "/linted": resolve(process.argv[2]) })).run({ code: LINT })).text);
for (const fault of bad) console.error(fault);
if (!bad.length) console.log(`PHP ${count} files`);
process.exit(bad.length || !count ? 1 : 0);
