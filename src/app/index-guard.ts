import { type Displacement, displacementOf, type IndexFiles } from '../domain/model/displacement.js';
import { createFilesReader } from '../sqlite/file/index-files.js';

/** Four looks at names: nothing, and what is written to a lost index meanwhile is what some seconds of a crawl find. */
const LOOK_EVERY_MS = 5_000;

/** Watches over the files of an open index. */
export interface IndexGuard {
  /** Looks now; for whoever can't wait. */
  look(): Promise<void>;
  end(): void;
}

/**
 * Calls `onDisplaced` once when the open index `file` is no longer what its names lead to. To be started right after it
 * was opened: what the names lead to then is what is open.
 */
export async function guardIndex(
  file: string,
  {
    onDisplaced,
    everyMs = LOOK_EVERY_MS,
  }: { readonly onDisplaced: (displacement: Displacement) => void; readonly everyMs?: number | undefined },
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
    // Names on a network that hangs are asked for once.
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

/** The log and what belongs to it are made with the first use. */
function withNew(own: IndexFiles, now: IndexFiles): IndexFiles {
  return { ...own, log: own.log ?? now.log, shared: own.shared ?? now.shared };
}
