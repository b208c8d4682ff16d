import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';

/** Folders that can't be watched: told together, in a line. */
export interface WatchTrouble {
  note(error: unknown): void;
  /** Tells what was noted since the last time; what was told already is told again after an hour at the soonest. */
  tell(): Promise<void>;
  /** Whether what was in the way may be gone, so that watching all of it anew is worth it. It is told anew then. */
  mayBeOver(): Promise<boolean>;
  /** All is watched anew: what is noted from now on is counted from nothing. */
  restart(): void;
}

interface Limit {
  /** As sysctl(8) names it. The smaller of two holds: the latter is that of a container. */
  readonly keys: readonly string[];
  /** Many a file manager or editor asks for as much. Watches in use take a quarter of a kilobyte each. */
  readonly usual: number;
}

/** The limits of inotify(7), by the words in which the kernel reports that they are reached. */
const LIMITS: Readonly<Record<string, Limit>> = {
  ENOSPC: { keys: ['fs.inotify.max_user_watches', 'user.max_inotify_watches'], usual: 524_288 },
  EMFILE: { keys: ['fs.inotify.max_user_instances', 'user.max_inotify_instances'], usual: 1_024 },
};
/** Somebody may have raised a limit that can't be read, or others have left it. */
const AGAIN_MS = 3_600_000;

interface Noted {
  count: number;
  /** Of the first of them. */
  readonly message: string;
  toldAt: number | null;
  toldCount: number;
  limit: ReachedLimit | null;
}

interface ReachedLimit {
  readonly key: string;
  readonly value: number;
}

/** `readLimit` answers a limit of the kernel by its key; null where it can't be read. */
export function createWatchTrouble(deps: {
  readonly directory: string;
  readonly logger: Logger;
  readonly steadyClock?: () => number;
  readonly readLimit?: (key: string) => Promise<number | null>;
}): WatchTrouble {
  const { directory, logger, steadyClock = () => performance.now(), readLimit = readSysctl } = deps;
  const byCode = new Map<string, Noted>();

  const limitOf = async ({ keys }: Limit): Promise<ReachedLimit | null> => {
    const read = await Promise.all(keys.map(async (key) => ({ key, value: await readLimit(key) })));
    const limits = read.flatMap(({ key, value }) => (value === null ? [] : [{ key, value }]));
    return limits.length === 0 ? null : limits.reduce((least, each) => (each.value < least.value ? each : least));
  };

  const lineOf = ({ count, message, limit }: Noted, known: Limit | undefined) => {
    const folders = `${count} ${count === 1 ? 'folder' : 'folders'} below ${directory} can't be watched`;
    const goesOn = 'The schedule finds what hints miss';
    if (known === undefined) return `${folders}: ${message}. ${goesOn}`;
    const { key, value } = limit ?? { key: known.keys[0], value: null };
    const enough = Math.max(known.usual, (value ?? 0) * 4);
    const reached = `the limit ${key}${value === null ? '' : ` (${value})`} is reached`;
    const remedy = `raise it, for good by a file in /etc/sysctl.d: sysctl -w ${key}=${enough}`;
    return `${folders}: ${reached}; ${remedy}. ${goesOn}; a raised limit is seen within seconds`;
  };

  return {
    note(error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const noted = byCode.get(code);
      if (noted !== undefined) noted.count += 1;
      else {
        const message = error instanceof Error ? error.message : String(error);
        byCode.set(code, { count: 1, message, toldAt: null, toldCount: 0, limit: null });
      }
    },
    async tell() {
      for (const [code, noted] of byCode) {
        if (noted.count === noted.toldCount) continue;
        if (noted.toldAt !== null && steadyClock() - noted.toldAt < AGAIN_MS) continue;
        const known = LIMITS[code];
        noted.toldAt = steadyClock();
        noted.toldCount = noted.count;
        noted.limit = known === undefined ? null : await limitOf(known);
        logger.warn(lineOf(noted, known));
      }
    },
    async mayBeOver() {
      for (const [code, { toldAt, limit, count }] of byCode) {
        if (toldAt === null || count === 0) continue;
        const known = LIMITS[code];
        const now = known === undefined || limit === null ? null : await limitOf(known);
        const isRaised = now !== null && limit !== null && now.value > limit.value;
        if (!isRaised && steadyClock() - toldAt < AGAIN_MS) continue;
        byCode.clear();
        return true;
      }
      return false;
    },
    restart() {
      for (const noted of byCode.values()) {
        noted.count = 0;
        noted.toldCount = 0;
      }
    },
  };
}

async function readSysctl(key: string): Promise<number | null> {
  try {
    const value = Number.parseInt(await readFile(`/proc/sys/${key.replaceAll('.', '/')}`, 'utf8'), 10);
    return Number.isNaN(value) ? null : value;
  } catch (error) {
    // Not Linux, or hidden by a sandbox.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
