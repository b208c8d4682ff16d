import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PackageFile, placeOf } from '../http/assets/source.js';

/** What pages load besides themselves; addresses are those below `/console`. */
export interface ConsoleAssets {
  readonly style: string;
  readonly scripts: readonly string[];
  /** Answers a request for one of them; null for anything else. */
  answer(request: Request): Response | null;
}

/** In the sources and in what is built of them they lie alike. */
const FOLDER = join(fileURLToPath(new URL('../browser', import.meta.url)), 'console');
/** What draws plots; a script loads it on the pages that have any. */
export const CONSOLE_PACKAGE_FILES: readonly PackageFile[] = [
  { package: 'uplot', file: 'dist/uPlot.iife.min.js' },
  { package: 'uplot', file: 'dist/uPlot.min.css' },
];
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/**
 * Reads the style sheet and the scripts, some hundred kilobytes. They lie in a folder whose name is the hash of them all,
 * so that scripts import each other by plain names and caches keep them for a year.
 */
export async function createConsoleAssets(folder = FOLDER): Promise<ConsoleAssets> {
  const names = (await readdir(folder)).filter((name) => extname(name) in TYPES).sort();
  const places = [
    ...names.map((name) => join(folder, name)),
    ...CONSOLE_PACKAGE_FILES.map((from) => placeOf({ name: basename(from.file), from })),
  ];
  const files = new Map<string, Buffer>();
  for (const place of places) files.set(basename(place), await readFile(place));
  const all = Buffer.concat([...files].flatMap(([name, content]) => [Buffer.from(`${name}\n`), content]));
  const base = `/assets/${hash('sha256', all, 'hex').slice(0, 16)}`;
  return {
    style: `${base}/console.css`,
    scripts: [`${base}/console.js`],
    answer(request) {
      const { pathname } = new URL(request.url);
      const name = pathname.slice(pathname.lastIndexOf('/') + 1);
      const content = files.get(name);
      if (content === undefined || !pathname.endsWith(`${base}/${name}`)) return null;
      return new Response(new Uint8Array(content), {
        headers: {
          'Content-Type': TYPES[extname(name)] ?? '',
          'Cache-Control': 'public, max-age=31536000, immutable',
          'X-Content-Type-Options': 'nosniff',
        },
      });
    },
  };
}
