import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What pages load besides themselves; addresses are those below `/console`. */
export interface ConsoleAssets {
  readonly style: string;
  readonly scripts: readonly string[];
  /** Answers a request for one of them; null for anything else. */
  answer(request: Request): Response | null;
}

/** In the sources and in what is built of them they lie alike. */
const FOLDER = join(fileURLToPath(new URL('../browser', import.meta.url)), 'console');
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/**
 * Reads the style sheet and the scripts, some tens of kilobytes. They lie in a folder whose name is the hash of them all,
 * so that scripts import each other by plain names and caches keep them for a year.
 */
export async function createConsoleAssets(folder = FOLDER): Promise<ConsoleAssets> {
  const names = (await readdir(folder)).filter((name) => extname(name) in TYPES).sort();
  const files = new Map<string, Buffer>();
  for (const name of names) files.set(name, await readFile(join(folder, name)));
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
