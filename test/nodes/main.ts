/**
 * `npm run test:nodes [-- --smoke] [22]`: the tests on other releases of Node, which npm's packages bring into a
 * temporary folder, each with the binding of SQLite that is for it. With `--smoke` those that crawl, serve and store.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileBinding, fetchLaterBinding, fetchNode, type NodeRelease } from '../../config/deb/node-releases.js';
import { isForLaterBinding, LATER_BINDING } from '../../src/platform/sqlite-binding.js';

/** 24 first: nothing is compiled for it, and its tests run while that is done for the other. */
const MAJORS = ['24', '22'];
const SMOKE = [
  'test/e2e/app.e2e.test.ts',
  'test/e2e/ending.e2e.test.ts',
  'test/main.e2e.test.ts',
  'test/sqlite/contract.integration.test.ts',
];
const SOURCES = [
  '.npmrc',
  '.prebuild-installrc',
  '.gitignore',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'README.md',
];
const FOLDERS = ['config', 'migrations', 'src', 'test'];

const project = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({ options: { smoke: { type: 'boolean' } }, allowPositionals: true });
const majors = positionals.length > 0 ? positionals : MAJORS;
const scratch = mkdtempSync(join(tmpdir(), 'ovadex-nodes-'));
chmodSync(scratch, 0o755); // tests start this Node as other accounts, too
try {
  const releases = majors.map(prepare);
  for (const each of releases) each.catch(() => {}); // it is told of when it has its turn
  const failed: string[] = [];
  for (const each of releases) {
    const release = await each;
    if (!(await passes(release))) failed.push(release.version);
  }
  if (failed.length > 0) {
    console.error(`failed on Node ${failed.join(', ')}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** A copy of the project that runs on this release alone. */
async function prepare(major: string): Promise<NodeRelease & { readonly copy: string }> {
  const release = await fetchNode(major, scratch);
  const copy = join(scratch, `project-${major}`);
  mkdirSync(copy);
  for (const each of [...SOURCES, ...FOLDERS]) cpSync(join(project, each), join(copy, each), { recursive: true });
  linkOrCopy(join(project, 'node_modules'), join(copy, 'node_modules'));
  // What is removed here is another name of the project's own files.
  const binding = join(copy, 'node_modules/better-sqlite3');
  if (isForLaterBinding(major)) {
    rmSync(binding, { recursive: true });
    cpSync(join(await fetchLaterBinding(project, release, scratch), 'better-sqlite3'), binding, { recursive: true });
    console.log(`Node ${release.version}: better-sqlite3 ${LATER_BINDING} is in its place`);
  } else {
    const addon = join(binding, 'build/Release/better_sqlite3.node');
    const built = await compileBinding(project, release, scratch);
    rmSync(addon);
    cpSync(built, addon);
    console.log(`Node ${release.version}: the binding is compiled (modules ${release.modules})`);
  }
  return { ...release, copy };
}

async function passes({ version, environment, copy }: NodeRelease & { readonly copy: string }): Promise<boolean> {
  const began = Date.now();
  const steps = [
    ['npm', 'run', '--silent', 'build'],
    ['npx', '--no-install', 'vitest', 'run', '--config', 'config/vitest.config.ts', ...(values.smoke ? SMOKE : [])],
  ];
  for (const [program = '', ...args] of steps) {
    const child = spawn(program, args, { cwd: copy, env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) return false;
  }
  console.log(`Node ${version}: passed in ${Math.round((Date.now() - began) / 1000)} s`);
  return true;
}

/** Hard links take a second, but not to another disk. */
function linkOrCopy(from: string, to: string): void {
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    execFileSync('cp', ['-a', from, to]);
  }
}
