import { basename } from 'node:path';
import { watch as watchFolder } from 'chokidar';
import type { Logger } from 'pino';
import { isImageName } from '../domain/image.js';
import { parentOf, pathFromBytes, type ResourcePath, ROOT } from '../domain/path.js';

export interface FolderWatch {
  stop(): Promise<void>;
}

/** A burst of changes (an unpacked archive, a copied folder) becomes one hint. */
const QUIET_MS = 300;
/** Yet a file that grows for minutes doesn't keep the others waiting: hints show within two seconds. */
const PATIENCE_MS = 1_000;

/**
 * Watches a space's local folder and hints at the collections in which something
 * changed. A hint only says where to look: what is there, the storage says.
 */
export function watchSpace(options: {
  readonly directory: string;
  readonly onHint: (collections: readonly ResourcePath[]) => void;
  readonly logger: Logger;
}): FolderWatch {
  const { directory, onHint, logger } = options;
  const changed = new Set<ResourcePath>();
  let timer: NodeJS.Timeout | null = null;
  let firstAt = 0;

  const fire = () => {
    timer = null;
    const collections = [...changed];
    changed.clear();
    onHint(collections);
  };

  const note = (path: string) => {
    changed.add(collectionOf(path));
    const now = performance.now();
    if (timer === null) firstAt = now;
    else clearTimeout(timer);
    timer = setTimeout(fire, Math.max(0, Math.min(QUIET_MS, firstAt + PATIENCE_MS - now)));
  };

  const watcher = watchFolder('.', {
    cwd: directory,
    ignoreInitial: true,
    followSymlinks: false,
    // Files that are no images would cost a watch each and mean nothing.
    ignored: (path, stats) => stats?.isFile() === true && !isImageName(basename(path)),
  });
  watcher.on('all', (_event, path) => note(path));
  watcher.on('error', (error) =>
    logger.warn({ err: error, directory }, 'cannot watch all of the folder; the schedule finds what hints miss'),
  );

  return {
    async stop() {
      if (timer !== null) clearTimeout(timer);
      await watcher.close();
    },
  };
}

/**
 * The collection that holds a changed entry. Node shows a byte that is no UTF-8
 * as U+FFFD, so a path with one in it names no folder: the nearest one above does.
 */
function collectionOf(localPath: string): ResourcePath {
  const path = pathFromBytes(Buffer.from(localPath === '.' ? '' : localPath));
  let collection = parentOf(path);
  while (collection !== ROOT && collection.includes('\uFFFD')) collection = parentOf(collection);
  return collection;
}
