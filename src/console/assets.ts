import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type PackageFile, placeOf } from '../http/assets/source.js';
import { type Coding, chooseCoding } from '../http/reply/coding.js';

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
/** Within a few percent of the best, in a tenth of the time. */
const BROTLI_QUALITY = 9;
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/**
 * Reads the style sheet and the scripts, some hundred kilobytes, and encodes them once. They lie in a folder whose name is the hash of them all,
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
  const encoded = new Map(
    await Promise.all([...files].map(async ([name, content]) => [name, await encode(content)] as const)),
  );
  const all = Buffer.concat([...files].flatMap(([name, content]) => [Buffer.from(`${name}\n`), content]));
  const base = `/assets/${hash('sha256', all, 'hex').slice(0, 16)}`;
  return {
    style: `${base}/console.css`,
    scripts: [`${base}/console.js`],
    answer(request) {
      const { pathname } = new URL(request.url);
      const name = pathname.slice(pathname.lastIndexOf('/') + 1);
      const codings = encoded.get(name);
      if (codings === undefined || !pathname.endsWith(`${base}/${name}`)) return null;
      const coding = chooseCoding(request.headers.get('accept-encoding') ?? undefined);
      return new Response(new Uint8Array(codings[coding]), {
        headers: {
          'Content-Type': TYPES[extname(name)] ?? '',
          ...(coding === 'identity' ? {} : { 'Content-Encoding': coding }),
          'Cache-Control': 'public, max-age=31536000, immutable',
          Vary: 'Accept-Encoding',
          'X-Content-Type-Options': 'nosniff',
          'Cross-Origin-Resource-Policy': 'same-origin',
        },
      });
    },
  };
}

/** Pages themselves are not encoded: their length would tell of the secret in their forms, beside what was asked for. */
async function encode(content: Buffer): Promise<Readonly<Record<Coding, Buffer>>> {
  const [gzipped, brotli] = await Promise.all([
    promisify<Buffer, Buffer>(gzip)(content),
    promisify<Buffer, object, Buffer>(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
    }),
  ]);
  return { identity: content, gzip: gzipped, br: brotli };
}
