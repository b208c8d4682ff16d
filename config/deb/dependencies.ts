import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { INSTALLED } from '../bundle/bundle.js';

/** The part of package-lock.json that is read here. */
interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Installed {
  readonly version?: string;
  readonly bin?: string | Readonly<Record<string, string>>;
}

export interface Dependency {
  /** Its folder, such as node_modules/pino. */
  readonly path: string;
  /** The folder to copy it from, if it isn't the project's. */
  readonly source?: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** A package that replaces that of the lock file. */
export type Replaced = Omit<Dependency, 'path'> & { readonly source: string };

/** Packages used only to install better-sqlite3, by fetching or unpacking a compiled binding. */
const AT_INSTALLATION = new Set(['prebuild-install']);
/** Files that are never run: types, source maps, documents, build files, tests, and the sources of compiled parts. */
const UNUSED =
  /\.(ts|mts|cts|map|md|markdown|flow|html|sh|yml)$|^[^/]+\/(tests?|docs|benchmarks?|examples?|coverage)(\/|$)|(^|\/)\.|^better-sqlite3\/(deps|src|prebuilds|lib\/\w+-(x64|arm64)\.js|binding\.gyp|build\/(?!Release\/better_sqlite3\.node$))/;
const NEEDED_FOLDERS = /^better-sqlite3\/build(\/Release)?$/;
const LICENCE = /(^|\/)(licen[cs]e|copying|notice)[^/]*$/i;

/**
 * Lists the packages that are installed beside the program, which contains the others, and what they need, according to
 * package-lock.json. The optional ones of the demo are left out: a trial server has no place beside a service that runs
 * for years. `replaced` takes the place of the package with its name, and needs no others.
 */
export function dependenciesOf(project: string, replaced?: Replaced): readonly Dependency[] {
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>;
  };
  const found = new Map<string, Dependency>();
  const visit = (from: string, names = Object.keys(lock.packages[from]?.dependencies ?? {})) => {
    for (const name of names) {
      if (AT_INSTALLATION.has(name)) continue;
      const path = resolve(name, from, lock.packages);
      if (name === replaced?.name) {
        found.set(path, { path, ...replaced });
        continue;
      }
      const { version = '', license: licence = 'unknown' } = lock.packages[path] ?? {};
      if (found.has(path)) continue;
      found.set(path, { path, name, version, licence });
      visit(path);
    }
  };
  visit('', INSTALLED);
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Copies the packages as installed in the project by `npm ci`; throws if they don't match the lock file. */
export function copyDependencies(project: string, dependencies: readonly Dependency[], target: string): void {
  for (const { path, name, version, source: root = join(project, path) } of dependencies) {
    const manifest = join(root, 'package.json');
    const found = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as Installed) : {};
    const installed = found.version ?? 'missing';
    if (installed !== version)
      throw new Error(`${name} is ${installed}, and ${version} by package-lock.json: run npm ci`);
    const commands = typeof found.bin === 'string' ? [found.bin] : Object.values(found.bin ?? {});
    const unused = new Set(commands.map((command) => join(command)));
    cpSync(root, join(target, path), {
      recursive: true,
      dereference: true,
      filter: (source) => isUsed(name, relative(root, source), unused),
    });
  }
}

function isUsed(name: string, path: string, commands: ReadonlySet<string>): boolean {
  if (commands.has(path)) return false; // only the program itself is called as a command
  if (path.split(sep)[0] === 'node_modules') return false; // each of those is a dependency of its own
  const file = `${name.replace(/^@.*\//, '')}/${path}`;
  return LICENCE.test(path) || NEEDED_FOLDERS.test(file) || !UNUSED.test(file);
}

/** Finds a package as Node does: beside the one that needs it, then further up. */
function resolve(name: string, from: string, packages: Readonly<Record<string, Locked>>): string {
  for (let at = from; ; at = dirname(at)) {
    const path = at === '' || at === '.' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in packages) return path;
    if (at === '' || at === '.') throw new Error(`${name}, which ${from} needs, is not in package-lock.json`);
  }
}
