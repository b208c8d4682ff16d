import type { Logger } from 'pino';
import type { ResourcePath } from '../domain/path.js';
import type { RosterEntry } from './roster.js';
import { type FolderWatch, watchSpace } from './watch.js';
import { createLookInTurn } from './watch-root.js';

/** The watched folders of all spaces. */
export interface FolderWatches {
  /** Watches what these spaces name: a folder that was watched before goes on being so, unless its space names another one. */
  follow(entries: Iterable<RosterEntry>): Promise<void>;
  stop(): Promise<void>;
}

export function createFolderWatches(deps: {
  readonly onHint: (spaceId: number, changed: readonly ResourcePath[]) => void;
  readonly logger: Logger;
}): FolderWatches {
  const lookInTurn = createLookInTurn();
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
        watches.set(spaceId, { directory, watch: watchSpace({ directory, onHint, logger: deps.logger, lookInTurn }) });
      }
    },
    async stop() {
      await Promise.all([...watches.keys()].map(end));
    },
  };
}
