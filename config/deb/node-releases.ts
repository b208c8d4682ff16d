import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A release of Node in its own folder: the program, and headers for compiling bindings. */
export interface NodeRelease {
  /** The version, such as 22.23.3. */
  readonly version: string;
  /** The module version for which bindings are compiled; each major version has its own. */
  readonly modules: string;
  /** Its root, with `bin/node` and `include/node`. */
  readonly root: string;
  /** An environment whose path begins with its `node`. */
  readonly environment: NodeJS.ProcessEnv;
}

const PLATFORM = `${process.platform}-${process.arch}`;
/** SQLite compiles in a minute; a busy machine takes several times as long. */
const COMPILED_WITHIN_MS = 900_000;

/** Fetches the newest release of a major version from the npm packages that contain Node's published builds. */
export async function fetchNode(major: string, folder: string): Promise<NodeRelease> {
  const root = join(folder, `node-${major}`);
  mkdirSync(root, { recursive: true });
  const run = promisify(execFile);
  await run('npm', ['pack', '--silent', `node-${PLATFORM}@${major}`, '--pack-destination', root]);
  const [archive = ''] = readdirSync(root).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', join(root, archive), '--strip-components=1', '-C', root]);
  const { stdout } = await run(join(root, 'bin/node'), ['-p', 'process.versions.node+" "+process.versions.modules']);
  const [version = '', modules = ''] = stdout.trim().split(' ');
  const path = `${join(root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  return { version, modules, root, environment: { ...process.env, PATH: path, npm_config_nodedir: root } };
}

/** Compiles SQLite's binding for a release from the sources installed by `npm ci`; returns the file. */
export async function compileBinding(project: string, release: NodeRelease, folder: string): Promise<string> {
  const copy = join(folder, `better-sqlite3-${release.modules}`);
  const source = join(project, 'node_modules/better-sqlite3');
  cpSync(source, copy, { recursive: true, filter: (path) => path !== join(source, 'build') });
  return compileIn(copy, release);
}

/**
 * Installs the packages of SQLite's binding for Node 24 and later, verified by their own lock file, and returns their
 * `node_modules`. The verified files include a compiled binding.
 */
export async function fetchLaterBinding(project: string, release: NodeRelease, folder: string): Promise<string> {
  const root = join(folder, 'later-binding');
  cpSync(join(project, 'config/node-24'), root, { recursive: true });
  const args = ['ci', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  await promisify(execFile)('npm', args, { cwd: root, env: release.environment });
  return join(root, 'node_modules');
}

/** Compiles the binding in its own folder, although it comes with a compiled one; returns the file. */
export async function compileIn(package_: string, release: NodeRelease): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['root', '--global'], { encoding: 'utf8' });
  const gyp = join(stdout.trim(), 'npm/node_modules/node-gyp/bin/node-gyp.js');
  const args = [gyp, 'rebuild', '--release', '--force_build=1', '--jobs=max', `--nodedir=${release.root}`];
  await promisify(execFile)(join(release.root, 'bin/node'), args, {
    cwd: package_,
    env: release.environment,
    timeout: COMPILED_WITHIN_MS,
    maxBuffer: 64 * 1024 * 1024, // room for a compiler's warnings
  });
  return join(package_, 'build/Release/better_sqlite3.node');
}

/** The path, below the folder of the package, where `bindings` looks for a binding for this module version. */
export function placeOfBinding(modules: string): string {
  return `lib/binding/node-v${modules}-${PLATFORM}/better_sqlite3.node`;
}
