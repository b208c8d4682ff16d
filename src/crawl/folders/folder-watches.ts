import type { Logger } from 'pino';
import type { ResourcePath } from '../../domain/model/path.js';
import type { RosterEntry } from '../spaces/space-roster.js';
import { type FolderWatch, watchSpace } from './folder-watch.js';
import { createLookInTurn } from './watch-root.js';
import { lineOf, type WatchNotice } from './watch-trouble.js';

/** The watched folders of all spaces. */
export interface FolderWatches {
  /**
   * Watches the folders that these spaces name; a folder already watched stays so unless its space names another one.
   */
  follow(entries: Iterable<RosterEntry>): Promise<void>;
  stop(): Promise<void>;
}

/** Folders are opened one after the other, which takes seconds if there are many. */
const GATHER_MS = 3_000;

export function createFolderWatches(deps: {
  readonly onHint: (spaceId: number, changed: readonly ResourcePath[]) => void;
  readonly logger: Logger;
}): FolderWatches {
  const lookInTurn = createLookInTurn();
  const notices = gatherNotices(deps.logger);
  const watches = new Map<number, { readonly directory: string; readonly watch: FolderWatch }>();

  const end = async (spaceId: number) => {
    const ended = watches.get(spaceId);
    watches.delete(spaceId);
    await ended?.watch.stop();
  };

  return {
    async follow(entries) {
      const wanted = new Map<number, string>();
      for (const { space, settings } of entries) {
        if (settings.watchDirectory !== null) wanted.set(space.id, settings.watchDirectory);
      }
      const others = [...watches].filter(([spaceId, { directory }]) => wanted.get(spaceId) !== directory);
      await Promise.all(others.map(([spaceId]) => end(spaceId)));
      for (const [spaceId, directory] of wanted) {
        if (watches.has(spaceId)) continue;
        const onHint = (changed: readonly ResourcePath[]) => deps.onHint(spaceId, changed);
        watches.set(spaceId, {
          directory,
          watch: watchSpace({ directory, onHint, logger: deps.logger, tell: notices.note, lookInTurn }),
        });
      }
    },
    async stop() {
      await Promise.all([...watches.keys()].map(end));
      notices.flush();
    },
  };
}

/** Gathers notices: a limit that is reached keeps all spaces from being watched at once, and is one line in the log. */
function gatherNotices(logger: Logger) {
  const byCode = new Map<string, WatchNotice[]>();
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const notices of byCode.values()) logger.warn(lineOf(notices));
    byCode.clear();
  };
  return {
    note(notice: WatchNotice) {
      byCode.set(notice.code, [...(byCode.get(notice.code) ?? []), notice]);
      timer ??= setTimeout(flush, GATHER_MS);
    },
    flush,
  };
}
