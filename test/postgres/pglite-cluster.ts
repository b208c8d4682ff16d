import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { PGlite, PGliteOptions } from '@electric-sql/pglite';

const require = createRequire(import.meta.url);
const CACHE = new URL('../../node_modules/.cache/ovadex/', import.meta.url).pathname;

// Half of the processor time of a cluster's first second would go into code that is quicker than a test has time to notice.
setFlagsFromString('--liftoff-only');

/**
 * Opens PGlite with a new cluster. The first to do so keeps a copy for all later ones, beside the packages, whose version it
 * bears: to make a cluster takes several times as long as to unpack one.
 */
export async function openCluster(open: (options: PGliteOptions) => Promise<PGlite>): Promise<PGlite> {
  const { version } = JSON.parse(
    readFileSync(join(require.resolve('@electric-sql/pglite'), '../../package.json'), 'utf8'),
  );
  const kept = join(CACHE, `pglite-${version}.tar`);
  const loadDataDir = read(kept);
  if (loadDataDir !== null) return open({ loadDataDir });
  const engine = await open({});
  const copy = await engine.dumpDataDir('none');
  const unfinished = `${kept}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  try {
    writeFileSync(unfinished, Buffer.from(await copy.arrayBuffer()));
    renameSync(unfinished, kept);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return engine;
}

function read(file: string): Blob | null {
  try {
    return new Blob([readFileSync(file)]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
