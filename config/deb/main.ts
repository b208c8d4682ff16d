/**
 * `npm run package:deb` or `tsx config/deb/main.ts [FOLDER] [--node 22]`: builds the package for Debian there, or in
 * this folder; for the Node that runs this, and for the newest releases of other major versions, which npm's packages bring.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Binding, buildPackage } from './build.js';
import { compileBinding, fetchNode } from './node-releases.js';

const { values, positionals } = parseArgs({ options: { node: { type: 'string' } }, allowPositionals: true });
const [folder = '.'] = positionals;
const own = process.versions.node.split('.')[0] ?? '';
const others = (values.node ?? '').split(',').filter((major) => major !== '' && major !== own);
/** better-sqlite3 12 ends a process of Node 24 as the statements of a thread are collected. */
const COMPILED_FOR = ['20', '22'];
const wrong = others.find((major) => !COMPILED_FOR.includes(major));
if (wrong !== undefined)
  throw new Error(
    `--node: "${wrong}" is not a major version that SQLite's binding runs on; use one of ${COMPILED_FOR.join(', ')}`,
  );
const scratch = mkdtempSync(join(tmpdir(), 'ovadex-deb-'));
try {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const built = join(project, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');
  const bindings: Binding[] = [{ major: own, modules: process.versions.modules, file: built }];
  for (const major of others) {
    const release = await fetchNode(major, scratch);
    bindings.push({ major, modules: release.modules, file: await compileBinding(project, release, scratch) });
  }
  const file = buildPackage({ project, scratch, folder: resolve(folder), environment: process.env, bindings });
  process.stdout.write(`${file}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}
