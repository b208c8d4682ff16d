/**
 * `tsx config/browser/main.ts FOLDER`: lays there what browsers are given, our own files and those of npm packages, with
 * the licences of the latter. What an earlier build left there is removed. An installed program needs nothing else of these packages, whose own dependencies include
 * one that reports installations to a third party.
 */
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONSOLE_PACKAGE_FILES } from '../../src/console/assets.js';
import { folderOf } from '../../src/http/assets/source.js';
import { DOCS_ASSETS } from '../../src/http/openapi/docs-assets.js';

const OWN = fileURLToPath(new URL('../../src/browser', import.meta.url));
/** What is given away without its notice would break its licence; the manifest tells its version. */
const NOTICE = /^(licen[cs]e|notice)|^package\.json$/i;

const [target = 'dist/browser'] = process.argv.slice(2);
mkdirSync(target, { recursive: true });
const laid = new Set<string>();
const lay = (from: string, name: string) => {
  cpSync(from, join(target, name));
  laid.add(join(target, name));
};
for (const name of readdirSync(OWN, { recursive: true, encoding: 'utf8' })) {
  if (/\.(js|css|svg)$/.test(name)) lay(join(OWN, name), name);
}
const ofPackages = DOCS_ASSETS.flatMap(({ from }) => (typeof from === 'string' ? [] : [from]));
for (const from of [...ofPackages, ...CONSOLE_PACKAGE_FILES]) {
  const folder = folderOf(from.package);
  const notices = readdirSync(folder).filter((name) => NOTICE.test(name) || name === `${from.file}.LICENSE.txt`);
  for (const name of [from.file, ...notices]) lay(join(folder, name), join(from.package, name));
}
for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !laid.has(path)) rmSync(path);
}
