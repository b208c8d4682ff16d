import { stat } from 'node:fs/promises';
import { watch } from 'chokidar';

/** Files are often written one after the other; a burst is looked at once. */
const QUIET_MS = 200;
/** A burst that goes on is looked at all the same. */
const PATIENCE_MS = 2_000;
/** How soon a change shows that no event reported: the folder was replaced or mounted, or lies on another machine. */
const LOOK_EVERY_MS = 5_000;
/** Every so many of these looks, each file is looked at: files written in place on another machine change no folder. */
const LOOKS_PER_WHOLE_LOOK = 12;

export interface UserFolderWatchOptions {
  readonly folders: readonly string[];
  /** Called, never twice at the same time, when anything may have changed. Must not reject. */
  readonly look: () => Promise<void>;
  /** Whether something found at the last look is to be looked at again before long. */
  readonly isWaiting: () => boolean;
  /** Called once for a folder that the system can't watch; it is then looked at every few seconds. */
  readonly onUnwatchable: (folder: string, error: unknown) => void;
  readonly lookEveryMs?: number;
}

/** Watches folders of credentials: one watch each, none for their files. Returns a function that ends it. */
export function watchUserFolders(options: UserFolderWatchOptions): () => Promise<void> {
  const { folders, look, isWaiting, onUnwatchable, lookEveryMs = LOOK_EVERY_MS } = options;
  let isOver = false;
  let running: Promise<void> | null = null;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;

  const lookNow = () => {
    clearTimeout(timer);
    timer = undefined;
    isWanted = true;
    running ??= (async () => {
      while (isWanted && !isOver) {
        isWanted = false;
        await look();
      }
      running = null;
    })();
  };
  const lookSoon = () => {
    if (isOver) return;
    const now = performance.now();
    if (timer === undefined) firstAt = now;
    clearTimeout(timer);
    timer = setTimeout(lookNow, Math.max(0, Math.min(QUIET_MS, firstAt + PATIENCE_MS - now)));
  };

  const deaf = new Set<string>();
  const open = (folder: string) =>
    watch(folder, { ignoreInitial: true, depth: 0, ignored: (_path, stats) => stats?.isFile() === true })
      // The folder's own watch also reports what is written into its files.
      .on('raw', lookSoon)
      .on('all', lookSoon)
      // What changed before it was watched.
      .on('ready', lookSoon)
      .on('error', (error) => {
        if (!deaf.has(folder) && !isOver) onUnwatchable(folder, error);
        deaf.add(folder);
      });
  const watchers = new Map(folders.map((folder) => [folder, open(folder)]));

  const stamps = new Map<string, FolderStamp>();
  let looks = 0;
  const glance = async () => {
    let isDue = deaf.size > 0 || isWaiting() || ++looks % LOOKS_PER_WHOLE_LOOK === 0;
    for (const folder of folders) {
      const before = stamps.get(folder);
      const now = await stampOf(folder);
      stamps.set(folder, now);
      if (isOver || before === undefined) continue;
      if (now.changedAt !== before.changedAt) isDue = true;
      if (now.identity === before.identity) continue;
      isDue = true;
      // Its watch belongs to the folder that was there.
      await watchers.get(folder)?.close();
      if (!isOver) watchers.set(folder, open(folder));
    }
    if (isDue) lookNow();
  };
  let glancing: Promise<void> | null = null;
  const glanceInTurn = () => {
    glancing ??= glance().finally(() => {
      glancing = null;
    });
  };
  glanceInTurn();
  const glances = setInterval(glanceInTurn, lookEveryMs);

  return async () => {
    isOver = true;
    clearTimeout(timer);
    clearInterval(glances);
    await glancing;
    await Promise.all([...watchers.values()].map((watcher) => watcher.close()));
    await running;
  };
}

interface FolderStamp {
  readonly identity: string;
  readonly changedAt: number;
}

async function stampOf(folder: string): Promise<FolderStamp> {
  try {
    const { dev, ino, mtimeMs } = await stat(folder);
    return { identity: `${dev}:${ino}`, changedAt: mtimeMs };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { identity: '', changedAt: 0 };
    throw error;
  }
}
