import type { Config } from '../config/schema.js';
import { urlOfDatabase } from '../config/sections/data.js';
import { type Displacement, displacementOf, type IndexFiles } from '../domain/diagnosis/displacement.js';
import { OvadexError } from '../domain/model/errors.js';
import { createFilesReader } from '../sqlite/file/index-files.js';

/** Checking four names costs next to nothing, and at most a few seconds of a crawl are written to a lost index. */
const LOOK_EVERY_MS = 5_000;

/** Watches the files of an open index. */
export interface IndexGuard {
  /** Checks the files right now. */
  look(): Promise<void>;
  end(): void;
}

/**
 * Calls `onDisplaced` once if the name `file` no longer leads to the open index. Start it right after opening the
 * index, while it surely does.
 */
export async function guardIndex(
  file: string,
  {
    onDisplaced,
    everyMs = LOOK_EVERY_MS,
  }: { readonly onDisplaced: (displacement: Displacement) => void; readonly everyMs?: number },
): Promise<IndexGuard> {
  const read = createFilesReader(file);
  let own = await read();
  let isEnded = false;
  let looking: Promise<void> | null = null;

  const compare = async () => {
    const now = await read();
    if (now === null || isEnded) return;
    own = withNew(own ?? now, now);
    const displacement = displacementOf(own, now);
    if (displacement === null) return;
    end();
    onDisplaced(displacement);
  };
  const look = () => {
    // On a network file system that hangs, only one check waits.
    looking ??= compare().finally(() => {
      looking = null;
    });
    return looking;
  };
  const timer = setInterval(() => void look(), everyMs).unref();
  const end = () => {
    isEnded = true;
    clearInterval(timer);
  };
  return { look, end };
}

/** Adds files that SQLite creates on first use: the log and its companions. */
function withNew(own: IndexFiles, now: IndexFiles): IndexFiles {
  return { ...own, log: own.log ?? now.log, shared: own.shared ?? now.shared };
}

/** Why the daemon ends when its index was displaced. */
export function displaced({ data }: Pick<Config, 'data'>, { what }: Displacement): OvadexError {
  const { database } = data;
  const [place, next] =
    database === undefined
      ? [data.directory, 'opens the file that is there then']
      : [urlOfDatabase(database), 'reads anew what is there then'];
  const then = `ovadex exits now; its next start ${next}`;
  return new OvadexError('index', `${place}: ${what} while the daemon had it open; ${then}`);
}
