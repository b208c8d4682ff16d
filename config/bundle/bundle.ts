import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { licencesOf } from './licences.js';
import { builtApart, importedLater, inOneFolder, LAID, nodeModules, withoutLocales, withoutNative } from './plugins.js';

export interface BundleOptions {
  readonly project: string;
  /** The folder to write to, beside `migrations` and `config`. What an earlier build of the program left there is removed. */
  readonly folder: string;
}

/**
 * What each process begins with, before it is known which command it runs. It is built by itself, and has copies of what
 * it shares with the rest: that would otherwise be split into more files, which every process would have to open. It takes
 * from the rest only what must be one.
 */
const BEGINNING = ['main', 'cli/program'];
/** What only hosts with a database need, likewise. */
const APART = ['app/engines/postgres-index', 'app/copy/copy-between', 'app/crawler-elsewhere'];
/** What the commands need that only read the index, likewise: one file rather than sixty. */
const READERS = ['cli/readers'];
/** What else is started or imported by its name; each has the name of its source, without the folder. */
const ENTRIES = [
  ...['app/crawler-thread', 'app/backup-process'],
  ...['config/apart', 'config/check-thread', 'config/shown-thread'],
];
/** The class of errors, by which they are known. */
const SHARED = ['domain/model/errors'];
/**
 * Packages that are installed beside the program: one is compiled, some are loaded by `require` only when they are
 * needed, and the demo's are optional.
 */
export const INSTALLED = ['better-sqlite3', 'pino-pretty', 'undici'];
const OPTIONAL = ['nephele', '@nephele/adapter-file-system', 'tar-stream'];
/** The packages that the program contains, with their terms. */
export const LICENCES = 'licences.txt';

/**
 * Writes the program with most of its packages into some files: finding, reading and linking 300 modules takes a
 * third of a short command's time. What is imported only at need is in files of its own. Nothing is renamed, so that
 * stacks can be read.
 */
export async function bundle({ project, folder }: BundleOptions): Promise<void> {
  const sources = join(project, 'src');
  const commands = new Set<string>();
  const beginning = await buildPart({ project, folder }, BEGINNING, [
    importedLater(sources, /\/cli\/program[^/]*\.ts$/, commands),
    builtApart(sources, SHARED),
  ]);
  const rest = new Set([...ENTRIES, ...SHARED, ...commands]);
  for (const name of [...APART, ...READERS]) rest.delete(name);
  const parts = await Promise.all([
    beginning,
    // Found in any order, while the same sources are to make the same program.
    buildPart({ project, folder }, [...rest].sort(), [builtApart(sources, [...APART, ...READERS])]),
    buildPart({ project, folder }, APART, [builtApart(sources, SHARED)]),
    buildPart({ project, folder }, READERS, [builtApart(sources, [...SHARED, ...APART])]),
  ]);
  const files = new Map(parts.flatMap(({ outputFiles }) => outputFiles.map(({ path, contents }) => [path, contents])));
  const inputs = new Set(parts.flatMap(({ metafile }) => inputsOf(metafile)));
  files.set(join(folder, LICENCES), Buffer.from(licencesOf(project, [...inputs])));
  for (const [path, contents] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const [top = ''] = relative(folder, path).split(sep);
    if (/\.js(\.map)?$/.test(entry.name) && !files.has(path) && !LAID.has(top)) rmSync(path);
  }
}

async function buildPart({ project, folder }: BundleOptions, entries: readonly string[], others: readonly Plugin[]) {
  return await build({
    absWorkingDir: project,
    entryPoints: entries.map((name) => `src/${name}.ts`),
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    // Files are named as in the project, whatever its folder: the same sources make the same program.
    preserveSymlinks: true,
    external: [...INSTALLED.filter((name) => name !== 'undici'), ...OPTIONAL],
    plugins: [
      ...others,
      inOneFolder(join(project, 'src'), [...BEGINNING, ...ENTRIES]),
      nodeModules,
      withoutLocales,
      withoutNative,
    ],
    legalComments: 'none', // `licences.txt` has them all
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
}

/** The files of which anything is in the program. */
function inputsOf({ outputs }: Metafile): readonly string[] {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  return [...new Set(used)];
}
