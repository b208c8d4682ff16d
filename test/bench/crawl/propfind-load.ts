import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { hrefFromPath } from '../../../src/webdav/multistatus/href.js';
import { findProgram } from '../../support/process/installed.js';
import { runMeasured } from '../child.js';
import { type ApacheSpace, REQUESTS_IN_FLIGHT } from './apache-space.js';
import { propfindBytes, recordPropfind } from './recorded-propfind.js';

/** Asks a server for its collections and reads nothing of the answers. */
export interface PropfindLoad {
  readonly tool: string;
  /** Answers a second. Throws if one of them was no 207. */
  perSecond(seconds: number): Promise<number>;
  remove(): void;
}

const SCRIPT = fileURLToPath(new URL('./propfind-load.lua', import.meta.url));
const DUMPER = fileURLToPath(new URL('./propfind-dump.ts', import.meta.url));

/** The requests of a crawl of the space, byte for byte, with as many in flight. */
export async function createPropfindLoad(space: ApacheSpace): Promise<PropfindLoad> {
  const wrk = findProgram('wrk');
  const { host } = new URL(space.url);
  const propfind = await recordPropfind();
  const scratch = mkdtempSync(join(tmpdir(), 'ovadex-bench-'));
  const file = join(scratch, 'requests');
  const paths = collectionsOf(space);
  if (wrk === null) writeFileSync(file, JSON.stringify({ ...propfind, paths }));
  else writeFileSync(file, paths.map((path) => `${propfindBytes(propfind, host, path)}\0`).join(''));

  const byWrk = async (seconds: number) => {
    const args = ['-t1', `-c${REQUESTS_IN_FLIGHT}`, `-d${seconds}s`, '-s', SCRIPT, space.url, '--', file];
    const { stdout } = await runMeasured(wrk ?? 'wrk', args);
    const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
    if (rate === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk met errors: ${stdout}`);
    return Number(rate);
  };
  const byUndici = async (seconds: number) => {
    const args = ['--import', 'tsx', DUMPER, space.url, file, `${REQUESTS_IN_FLIGHT}`, `${seconds}`];
    return Number((await runMeasured(process.execPath, args)).stdout);
  };
  return {
    tool: wrk === null ? 'undici that drops the bodies, since wrk is not installed' : 'wrk',
    perSecond: wrk === null ? byUndici : byWrk,
    remove: () => rmSync(scratch, { recursive: true }),
  };
}

/** The URL path of each collection, by the names on the disk. */
function collectionsOf({ directory }: ApacheSpace): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  return ['/', ...below.map((path) => `/${hrefFromPath(path as ResourcePath)}/`)];
}
