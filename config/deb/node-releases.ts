import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A release of Node in a folder of its own: its program and the headers by which bindings are compiled for it. */
export interface NodeRelease {
  /** As in 22.23.3. */
  readonly version: string;
  /** Bindings are compiled for one version of Node's modules; each major version has its own. */
  readonly modules: string;
  /** Its root: `bin/node` and `include/node`. */
  readonly root: string;
  /** An environment in which its `node` is the first. */
  readonly environment: NodeJS.ProcessEnv;
}

const PLATFORM = `${process.platform}-${process.arch}`;
/** SQLite is compiled in a minute; a busy machine takes several times as long. */
const COMPILED_WITHIN_MS = 900_000;

/** The newest release of a major version, from the packages of npm that carry Node as it is published. */
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

/** Compiles the binding of SQLite for a release, from the sources that `npm ci` has brought; answers the file. */
export async function compileBinding(project: string, release: NodeRelease, folder: string): Promise<string> {
  const copy = join(folder, `better-sqlite3-${release.modules}`);
  const source = join(project, 'node_modules/better-sqlite3');
  cpSync(source, copy, { recursive: true, filter: (path) => path !== join(source, 'build') });
  return compileIn(copy, release);
}

/**
 * Installs the packages of SQLite's binding for Node 24 and later, by the checksums of their own lock file, and answers the
 * `node_modules` with them. A compiled binding is among what these checksums are of.
 */
export async function fetchLaterBinding(project: string, release: NodeRelease, folder: string): Promise<string> {
  const root = join(folder, 'later-binding');
  cpSync(join(project, 'config/node-24'), root, { recursive: true });
  const args = ['ci', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  await promisify(execFile)('npm', args, { cwd: root, env: release.environment });
  return join(root, 'node_modules');
}

/** Compiles the binding in its own folder, although a compiled one has come with it; answers the file. */
export async function compileIn(package_: string, release: NodeRelease): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['root', '--global'], { encoding: 'utf8' });
  const gyp = join(stdout.trim(), 'npm/node_modules/node-gyp/bin/node-gyp.js');
  const args = [gyp, 'rebuild', '--release', '--force_build=1', '--jobs=max', `--nodedir=${release.root}`];
  await promisify(execFile)(join(release.root, 'bin/node'), args, {
    cwd: package_,
    env: release.environment,
    timeout: COMPILED_WITHIN_MS,
    maxBuffer: 64 * 1024 * 1024, // a compiler's warnings
  });
  return join(package_, 'build/Release/better_sqlite3.node');
}

/** Where `bindings` looks for a binding by the version of Node's modules, below the folder of its package. */
export function placeOfBinding(modules: string): string {
  return `lib/binding/node-v${modules}-${PLATFORM}/better_sqlite3.node`;
}
