/**
 * `npm run package:deb` or `tsx config/deb/main.ts [FOLDER] [--node 22]`: builds the Debian package there, or in the
 * current folder. It supports the Node that runs this script, and the newest releases of the other major versions,
 * taken from npm packages. With `--node 24` it supports only that.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isForLaterBinding, LATER_BINDING } from '../../src/platform/sqlite-binding.js';
import { type Binding, type BuildOptions, buildPackage } from './build.js';
import { compileBinding, compileIn, fetchLaterBinding, fetchNode, placeOfBinding } from './node-releases.js';
import { packageMajors } from './package-majors.js';

type Parts = Pick<BuildOptions, 'bindings' | 'replaced' | 'node' | 'flags'>;

const { values, positionals } = parseArgs({ options: { node: { type: 'string' } }, allowPositionals: true });
const [folder = '.'] = positionals;
const own = process.versions.node.split('.')[0] ?? '';
const asked = (values.node ?? '').split(',').filter((major) => major !== '');
const majors = packageMajors(own, asked);
const scratch = mkdtempSync(join(tmpdir(), 'ovadex-deb-'));
try {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const [first = ''] = majors;
  const parts = isForLaterBinding(first) ? await later(project, first) : await earlier(project);
  const file = buildPackage({ project, scratch, folder: resolve(folder), environment: process.env, ...parts });
  process.stdout.write(`${file}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}

/** Compiles the better-sqlite3 of package-lock.json for each major version. */
async function earlier(project: string): Promise<Parts> {
  const file = join(project, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');
  const { modules } = process.versions;
  const bindings: Binding[] = [{ major: own, modules, file, place: placeOfBinding(modules) }];
  for (const major of majors.filter((each) => each !== own)) {
    const release = await fetchNode(major, scratch);
    const compiled = await compileBinding(project, release, scratch);
    bindings.push({ major, modules: release.modules, file: compiled, place: placeOfBinding(release.modules) });
  }
  return { bindings, node: process.execPath, flags: [] };
}

/** Compiles the better-sqlite3 that replaces it for later versions, also from its sources. */
async function later(project: string, major: string): Promise<Parts> {
  const release = await fetchNode(major, scratch);
  const source = join(await fetchLaterBinding(project, release, scratch), 'better-sqlite3');
  const place = 'build/Release/better_sqlite3.node';
  return {
    bindings: [{ major, modules: release.modules, file: await compileIn(source, release), place }],
    replaced: { name: 'better-sqlite3', version: LATER_BINDING, licence: 'MIT', source },
    node: join(release.root, 'bin/node'),
    // Node 20 refuses to start with this flag; there a listener in main.ts has the same effect, but later.
    flags: ['--disable-sigusr1'],
  };
}
