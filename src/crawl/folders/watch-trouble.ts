import type { Logger } from 'pino';
import {
  LIMITS,
  type Limit,
  limitOf,
  type ReachedLimit,
  type ReadLimit,
  reached,
  readSysctl,
} from './inotify-limits.js';

/** Gathers folders that can't be watched, to report them in one line. */
export interface WatchTrouble {
  note(error: unknown): void;
  /**
   * Reports what was noted since the last time; what was reported already is repeated after an hour at the earliest.
   */
  tell(): Promise<void>;
  /** Whether the obstacle may be gone, so that it is worth watching everything anew. Trouble is then reported anew. */
  mayBeOver(): Promise<boolean>;
  /** Resets the counts, as everything is watched anew. */
  restart(): void;
}

/** After this time, a limit that can't be read may have been raised, or be free again. */
const AGAIN_MS = 3_600_000;

interface Noted {
  count: number;
  /** The message of the first of them. */
  readonly message: string;
  toldAt: number | null;
  toldCount: number;
  limit: ReachedLimit | null;
}

/** A notice of one watched folder. */
export interface WatchNotice {
  /** The system's error code; empty if it has none. */
  readonly code: string;
  readonly directory: string;
  readonly folders: number;
  /** The reason, with the remedy if there is one. */
  readonly why: string;
}

/** Creates the trouble of one watched folder; `tell` gathers the notices of many. */
export function createWatchTrouble(deps: {
  readonly directory: string;
  readonly logger: Logger;
  readonly steadyClock?: () => number;
  readonly readLimit?: ReadLimit;
  readonly tell?: (notice: WatchNotice) => void;
}): WatchTrouble {
  const { directory, logger, steadyClock = () => performance.now(), readLimit = readSysctl } = deps;
  const byCode = new Map<string, Noted>();

  const { tell = (notice) => logger.warn(lineOf([notice])) } = deps;
  const whyOf = ({ message, limit }: Noted, known: Limit | undefined) =>
    known === undefined ? message : reached(known, limit);

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
        noted.limit = known === undefined ? null : await limitOf(known, readLimit);
        tell({ code, directory, folders: noted.count, why: whyOf(noted, known) });
      }
    },
    async mayBeOver() {
      for (const [code, { toldAt, limit, count }] of byCode) {
        if (toldAt === null || count === 0) continue;
        const known = LIMITS[code];
        const now = known === undefined || limit === null ? null : await limitOf(known, readLimit);
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

/** Notices of the same trouble as one line. */
export function lineOf(notices: readonly WatchNotice[]): string {
  const [first] = notices;
  if (first === undefined) return '';
  const folders = notices.reduce((sum, each) => sum + each.folders, 0);
  const others = notices.length - 1;
  const where = others === 0 ? first.directory : `${first.directory} and ${others} other watched folders`;
  const line = `${folders} ${folders === 1 ? 'folder' : 'folders'} below ${where} can't be watched: ${first.why}`;
  const isLimit = LIMITS[first.code] !== undefined;
  return `${line}. Scheduled syncs find what hints miss${isLimit ? '; a raised limit is noticed within seconds' : ''}`;
}
