import { readFile } from 'node:fs/promises';

export interface Limit {
  /** Names as in sysctl(8). The smaller value applies; the second key is the limit of a container. */
  readonly keys: readonly string[];
  /** A common value, which file managers and editors ask for. Each watch in use takes a quarter of a kilobyte. */
  readonly usual: number;
}

export interface ReachedLimit {
  readonly key: string;
  readonly value: number;
}

/** Returns a limit of the kernel by its key; null if it can't be read. */
export type ReadLimit = (key: string) => Promise<number | null>;

/** The limits of inotify(7), by the error codes with which the kernel reports that they are reached. */
export const LIMITS: Readonly<Record<string, Limit>> = {
  ENOSPC: { keys: ['fs.inotify.max_user_watches', 'user.max_inotify_watches'], usual: 524_288 },
  EMFILE: { keys: ['fs.inotify.max_user_instances', 'user.max_inotify_instances'], usual: 1_024 },
};

/** Returns the key whose value applies; null if none can be read. */
export async function limitOf({ keys }: Limit, readLimit: ReadLimit = readSysctl): Promise<ReachedLimit | null> {
  const read = await Promise.all(keys.map(async (key) => ({ key, value: await readLimit(key) })));
  const limits = read.flatMap(({ key, value }) => (value === null ? [] : [{ key, value }]));
  return limits.length === 0 ? null : limits.reduce((least, each) => (each.value < least.value ? each : least));
}

/** Says which limit is reached, and how to raise it. */
export function reached({ keys, usual }: Limit, limit: ReachedLimit | null): string {
  const { key, value } = limit ?? { key: keys[0], value: null };
  const enough = Math.max(usual, (value ?? 0) * 4);
  const words = `the limit ${key}${value === null ? '' : ` (${value})`} is reached`;
  return `${words}; raise it (permanently with a file in /etc/sysctl.d): sysctl -w ${key}=${enough}`;
}

/** Returns why something can't be watched, with the remedy if there is one. */
export async function whyUnwatchable(error: unknown, readLimit: ReadLimit = readSysctl): Promise<string> {
  const known = error instanceof Error && 'code' in error ? LIMITS[String(error.code)] : undefined;
  if (known !== undefined) return reached(known, await limitOf(known, readLimit));
  return error instanceof Error ? error.message : String(error);
}

export async function readSysctl(key: string): Promise<number | null> {
  try {
    const value = Number.parseInt(await readFile(`/proc/sys/${key.replaceAll('.', '/')}`, 'utf8'), 10);
    return Number.isNaN(value) ? null : value;
  } catch (error) {
    // Not Linux, or hidden by a sandbox.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
