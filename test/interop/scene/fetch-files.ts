import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import { bytesFromPath, type ResourcePath } from '../../../src/domain/model/path.js';
import { urlPathOf } from './disk-truth.js';

/** As many as a browser's six times a handful of users: enough to keep every server here busy. */
const IN_FLIGHT = 32;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Fetches each path as a URL below the space and compares with the file of the
 * same path on disk. Answers what is wrong with those that differ.
 */
export async function filesThatDiffer(
  spaceUrl: string,
  directory: string,
  paths: readonly ResourcePath[],
  urlPath: (path: ResourcePath) => string = urlPathOf,
): Promise<string[]> {
  const { origin, pathname } = new URL(spaceUrl);
  const pool = new Pool(origin, { connections: IN_FLIGHT });
  const wrong: string[] = [];
  const waiting = paths.values();
  const work = async () => {
    for (const path of waiting) {
      const { statusCode, body } = await pool.request({
        method: 'GET',
        path: `${pathname}${urlPath(path)}`,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const fetched = Buffer.from(await body.arrayBuffer());
      const onDisk = await readFile(Buffer.concat([Buffer.from(`${directory}/`), bytesFromPath(path)]));
      if (statusCode !== 200) wrong.push(`${statusCode} for ${JSON.stringify(path)}`);
      else if (!fetched.equals(onDisk)) wrong.push(`another file at ${JSON.stringify(path)}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  } finally {
    await pool.destroy();
  }
  return wrong;
}
