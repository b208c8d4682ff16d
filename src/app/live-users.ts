import type { Logger } from 'pino';
import type { Config } from '../config/schema.js';
import { createUserFolders, type FoundUsers } from '../config/users/user-folders.js';
import { watchUserFolders } from '../config/users/watch-user-folders.js';
import { whyUnwatchable } from '../crawl/folders/inotify-limits.js';
import type { SpaceSettings } from '../domain/model/space.js';

/** The users of a configuration who come and go without a reload: those with a file in a folder of credentials. */
export interface LiveUsers {
  /** Returns the spaces as of the last look; the same array until they change. */
  spaces(): readonly SpaceSettings[];
  /** Returns what was found in each folder, for those who watch it next. */
  found(): FoundUsers;
  /** Resolves after the first look. */
  ready(): Promise<void>;
  /** Begins to call `onChange`. */
  watch(): void;
  stop(): Promise<void>;
}

export interface LiveUsersDeps {
  /** Called when the spaces have changed since the first look; if it rejects, it is called again before long. */
  readonly onChange: () => Promise<void>;
  readonly logger: Logger;
  /** What was found by those who watched before. */
  readonly before?: FoundUsers | undefined;
  readonly lookEveryMs?: number;
}

/** Time for a program to write into a file that its shell has created. */
const PATIENCE_MS = 4_000;

/** Watches who has a file; without any folder it does nothing. */
export function watchLiveUsers(
  { userFolders, spaces: named }: Pick<Config, 'userFolders' | 'spaces'>,
  { onChange, logger, before, lookEveryMs }: LiveUsersDeps,
): LiveUsers {
  const folders = createUserFolders({
    folders: userFolders,
    named: new Set(named.map(({ user }) => user)),
    tell: (line) => logger.warn(line),
    patienceMs: PATIENCE_MS,
    ...(before === undefined ? {} : { before }),
  });
  if (userFolders.length === 0) {
    const nothing = () => Promise.resolve();
    return { ...folders, ready: nothing, watch: () => undefined, stop: nothing };
  }
  let isOwing = false;
  const look = async () => {
    try {
      const isChanged = await folders.read();
      if (!isChanged && !isOwing) return;
      isOwing = true;
      await onChange();
      isOwing = false;
    } catch (error) {
      logger.error({ err: error }, 'could not follow a change of the credentials of users; trying again');
    }
  };
  const first = folders.read();
  let stop: (() => Promise<void>) | null = null;
  return {
    ...folders,
    async ready() {
      await first;
    },
    watch() {
      stop ??= watchUserFolders({
        folders: userFolders.map(({ folder }) => folder),
        look,
        isWaiting: () => isOwing || folders.isWaiting(),
        onUnwatchable: (folder, error) =>
          void whyUnwatchable(error).then((why) =>
            logger.warn(`${folder} can't be watched: ${why}. It is looked at every five seconds instead`),
          ),
        ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
      });
    },
    async stop() {
      await stop?.();
    },
  };
}
