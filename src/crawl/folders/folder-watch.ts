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

/** A folder and all below it, as it was found at one moment. */
interface TreeWatch {
  close(): Promise<void>;
}

/** A burst of changes (an unpacked archive, a copied folder) becomes one hint. */
const QUIET_MS = 300;
/** Yet a file that grows for minutes doesn't keep the others waiting: hints show within two seconds. */
const PATIENCE_MS = 1_000;
/** A root that was replaced or mounted is noticed after so long; to look costs some microseconds. */
const LOOK_EVERY_MS = 5_000;
/** More folders than this that may have been made again are not looked at one by one. */
const MAX_SUSPECTS = 100;

/**
 * Watches a space's local folder and hints at the collections in which something
 * changed. A hint only says where to look: what is there, the storage says. A root that is missing, made again,
 * replaced, or mounted over is watched as soon as it is there, and hinted at itself.
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
    // Whatever happened to it before it was watched, nobody told.
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
    // To watch all anew takes a look at every entry.
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
      logger.error({ err: error, directory }, 'could not look at a watched folder; trying again');
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

/** Collections of a burst, handed on together. */
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
 * Watches a folder and all below it: one watch for each folder, none for files, since a folder's own tells of what is
 * written into them, too. `onRemade`: a folder was removed and made again so quickly that the new one is not watched.
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
    // What lies in a folder that comes was not told of, and the index may know the folder from before.
    if (event === 'addDir') on.onChange(whole(pathOf(local)));
  });
  watcher.on('raw', (event, name, details) => {
    const { watchedPath } = details as { watchedPath: string };
    if (isImageName(name)) noteEntry(join(watchedPath, name));
    // Of itself a folder tells so that it was moved, removed or unmounted.
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
 * The nearest collection whose name is known in full. Node shows a byte that is no UTF-8 as U+FFFD, so a path with one
 * in it names no folder.
 */
function whole(path: ResourcePath): ResourcePath {
  let collection = path;
  while (collection !== ROOT && collection.includes('\uFFFD')) collection = parentOf(collection);
  return collection;
}
