import { lstat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { watch as watchFolder } from 'chokidar';
import type { Logger } from 'pino';
import { isImageName } from '../../domain/model/image.js';
import { parentOf, pathFromBytes, type ResourcePath, ROOT } from '../../domain/model/path.js';
import {
  changedMounts,
  createLookInTurn,
  type FoundRoot,
  findRoot,
  isSameRoot,
  type LookInTurn,
} from './watch-root.js';
import { createWatchTrouble, type WatchNotice } from './watch-trouble.js';

export interface FolderWatch {
  stop(): Promise<void>;
}

/** The watch of a folder and all below it, as found at one moment. */
interface TreeWatch {
  close(): Promise<void>;
}

/** A burst of changes (an unpacked archive, a copied folder) becomes one hint. */
const QUIET_MS = 300;
/** A file that grows for minutes must not keep the others waiting: hints show within two seconds. */
const PATIENCE_MS = 1_000;
/** A replaced or newly mounted root is noticed after this time; a check costs some microseconds. */
const LOOK_EVERY_MS = 5_000;
/** If more folders than this may have been recreated, they are not checked one by one. */
const MAX_SUSPECTS = 100;

/**
 * Watches a space's local folder and hints at the collections in which something changed. A hint only says where to
 * look; the storage says what is there. A root that is missing, recreated, replaced, or mounted over is watched as soon
 * as it is there, and gets a hint itself.
 */
export function watchSpace(options: {
  readonly directory: string;
  readonly onHint: (collections: readonly ResourcePath[]) => void;
  readonly logger: Logger;
  readonly lookEveryMs?: number;
  /** As in `createWatchTrouble`. */
  readonly tell?: (notice: WatchNotice) => void;
  /** Shared by the watches of a process. */
  readonly lookInTurn?: LookInTurn;
}): FolderWatch {
  const { directory, onHint, logger, lookEveryMs = LOOK_EVERY_MS, lookInTurn = createLookInTurn() } = options;
  const hints = gatherHints(onHint);
  const trouble = createWatchTrouble({
    directory,
    logger,
    ...(options.tell === undefined ? {} : { tell: options.tell }),
  });
  let root: FoundRoot | null = null;
  let tree: TreeWatch | null = null;
  let isMissing = false;
  let isToBeRenewed = false;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let isLooking = false;
  let isStopped = false;

  const open = (now: FoundRoot, isFirst: boolean) => {
    root = now;
    renewedAt = performance.now();
    trouble.restart();
    tree = watchTree(now.path, {
      onChange: hints.note,
      onRemade: () => {
        isToBeRenewed = true;
        void look();
      },
      onError: trouble.note,
      onReady: () => {
        void trouble.tell();
        if (!isFirst) hints.note(ROOT);
      },
    });
    // Whatever happened to it before it was watched went unnoticed.
    if (!isFirst) hints.note(ROOT);
  };

  const close = async () => {
    const open = tree;
    tree = null;
    await open?.close();
  };

  const lookOnce = async () => {
    const now = await findRoot(directory);
    if (isStopped) return;
    if (typeof now === 'string') {
      root = null;
      await close();
      if (!isMissing) logger.warn(`the watched folder ${directory} is not there (${now}); hints resume when it is`);
      isMissing = true;
      return;
    }
    await trouble.tell();
    // Watching everything anew means reading every entry.
    const isDue = performance.now() - renewedAt >= lookEveryMs / 2;
    const isSame = root !== null && isSameRoot(root, now);
    if (isSame && !(isDue && (isToBeRenewed || (await trouble.mayBeOver())))) return;
    const isFirst = root === null && !isMissing;
    isToBeRenewed = false;
    const mounted = root === null ? [] : changedMounts(root, now);
    await close();
    if (isStopped) return;
    open(now, isFirst);
    for (const point of mounted) if (point.startsWith(`${now.path}/`)) hints.note(whole(pathBelow(now.path, point)));
    if (isMissing) logger.info(`the watched folder ${directory} is there`);
    isMissing = false;
  };

  const look = async () => {
    if (isLooking || isStopped) return;
    isLooking = true;
    try {
      await lookInTurn(lookOnce);
    } catch (error) {
      logger.error({ err: error, directory }, 'could not check a watched folder; trying again');
    } finally {
      isLooking = false;
    }
  };

  const timer = setInterval(() => void look(), lookEveryMs);
  void look();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      hints.stop();
      await close();
    },
  };
}

/** Gathers the collections of a burst, to hand them on together. */
function gatherHints(onHint: (collections: readonly ResourcePath[]) => void) {
  const changed = new Set<ResourcePath>();
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;
  const fire = () => {
    timer = undefined;
    const collections = [...changed];
    changed.clear();
    onHint(collections);
  };
  return {
    note(collection: ResourcePath) {
      changed.add(collection);
      const now = performance.now();
      if (timer === undefined) firstAt = now;
      else clearTimeout(timer);
      timer = setTimeout(fire, Math.max(0, Math.min(QUIET_MS, firstAt + PATIENCE_MS - now)));
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * Watches a folder and all below it: one watch for each folder, none for files, since a folder's watch also reports
 * what is written into its files. `onRemade`: a folder was removed and recreated so quickly that the new one is not
 * watched.
 */
function watchTree(
  root: string,
  on: {
    readonly onChange: (collection: ResourcePath) => void;
    readonly onRemade: () => void;
    readonly onError: (error: unknown) => void;
    readonly onReady: () => void;
  },
): TreeWatch {
  const pathOf = (local: string) => pathBelow(root, local);
  const noteEntry = (local: string) => on.onChange(whole(parentOf(pathOf(local))));
  const suspects = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const checkSuspects = async () => {
    timer = undefined;
    const folders = [...suspects];
    suspects.clear();
    if (folders.length > MAX_SUSPECTS || (await Promise.all(folders.map(isFolder))).includes(true)) on.onRemade();
  };

  const watcher = watchFolder(root, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (_path, stats) => stats?.isFile() === true,
  });
  watcher.on('all', (event, local) => {
    if (local !== root) noteEntry(local);
    // The contents of a new folder are not reported, and the index may know the folder from before.
    if (event === 'addDir') on.onChange(whole(pathOf(local)));
  });
  watcher.on('raw', (event, name, details) => {
    const { watchedPath } = details as { watchedPath: string };
    if (isImageName(name)) noteEntry(join(watchedPath, name));
    // This is how a folder reports that it was itself moved, removed or unmounted.
    if (event !== 'rename' || name !== basename(watchedPath)) return;
    suspects.add(watchedPath);
    timer ??= setTimeout(() => void checkSuspects(), QUIET_MS);
  });
  watcher.on('error', on.onError);
  watcher.on('ready', on.onReady);
  return {
    close: () => {
      clearTimeout(timer);
      return watcher.close();
    },
  };
}

function pathBelow(root: string, local: string): ResourcePath {
  return pathFromBytes(Buffer.from(relative(root, local)));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/**
 * Returns the nearest collection whose name is known in full. Node shows a byte that is not UTF-8 as U+FFFD, so a path
 * containing one does not name a folder.
 */
function whole(path: ResourcePath): ResourcePath {
  let collection = path;
  while (collection !== ROOT && collection.includes('\uFFFD')) collection = parentOf(collection);
  return collection;
}
