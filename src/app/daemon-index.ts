import type { Config } from '../config/schema.js';
import type { Displacement } from '../domain/diagnosis/displacement.js';
import { OvadexError } from '../domain/model/errors.js';
import type { Clock } from '../domain/ports/clock.js';
import { lockDirectory } from '../sqlite/file/directory-lock.js';
import { makeDataDirectory } from './engines/data-directory.js';
import type { Index, IndexPlace, OpenIndexOptions } from './engines/index-ports.js';
import { fileOf, openSqliteIndex } from './engines/sqlite-index.js';
import { guardIndex } from './index-guard.js';
import { openIndex } from './open-index.js';

/** The index of a daemon while it runs, open for the API. */
export interface DaemonIndex {
  readonly index: Index;
  /** Looks no longer whether somebody displaces its files. */
  unguard(): void;
  /** Saves the contents of an index whose file was displaced; returns where to, or null if no file keeps it. */
  keepDisplaced(isLogLeft: boolean): string | null;
  /**
   * Closes it and lets go of it. `isWhole`: everything that was answered is written; otherwise no reader can go on from
   * what it was told.
   */
  release(isWhole: boolean): Promise<void>;
}

/**
 * Takes the data directory, creates the index or checks it and brings it up to date, begins a run of it, and opens it.
 * Rejects with OvadexError `conflict` if another daemon has it, and as `openIndex` does. `onDisplaced` is called once if
 * the index is no longer the file of its name, or its server has another history; `onOutage` as for `openIndex`.
 */
export async function openDaemonIndex(
  config: Config,
  {
    clock,
    onDisplaced,
    onOutage,
  }: Pick<OpenIndexOptions, 'onOutage'> & {
    readonly clock: Clock;
    readonly onDisplaced: (displacement: Displacement) => void;
  },
): Promise<DaemonIndex> {
  const { database } = config.data;
  if (database !== undefined) {
    const onOtherHistory = () => onDisplaced({ what: OTHER_HISTORY, rescue: 'nothing', isLogLeft: false });
    return await openShared(config, { clock, onOtherHistory, ...(onOutage === undefined ? {} : { onOutage }) });
  }
  const held = await holdIndex(config, clock); // creates and migrates it before anything reads it
  try {
    const index = openSqliteIndex(config, { readonly: true, clock });
    const guard = await guardIndex(fileOf(config), { onDisplaced });
    return {
      index,
      unguard: guard.end,
      keepDisplaced: index.keepDisplaced,
      async release(isWhole) {
        await index.close();
        await held.release(isWhole);
      },
    };
  } catch (error) {
    await held.release(true);
    throw error;
  }
}

const OTHER_HISTORY =
  'its server has another history, as after a fail-over or a restore, in which the last changes may be lost';

/** Opens the index of a database, which other hosts use as well. The data directory is this daemon's own all the same. */
async function openShared(
  config: Config,
  options: Pick<OpenIndexOptions, 'clock' | 'onOtherHistory' | 'onOutage'>,
): Promise<DaemonIndex> {
  makeDataDirectory(config.data.directory);
  const lock = lockDirectory(config.data.directory);
  try {
    const index = await openIndex(config, options);
    // Its line is what notices first that the server is another one, also where nobody asks for lists.
    index.changes.current();
    return {
      index,
      unguard: () => undefined,
      keepDisplaced: () => null,
      async release() {
        try {
          await index.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** An index that one daemon has for itself, as to writing it all the time. */
interface HeldIndex {
  release(isWhole: boolean): Promise<void>;
}

async function holdIndex(place: IndexPlace, clock: Clock): Promise<HeldIndex> {
  makeDataDirectory(place.data.directory);
  const lock = lockDirectory(place.data.directory);
  const note = async (what: 'begin' | 'end') => {
    const index = openSqliteIndex(place, { checkFirst: what === 'begin', clock });
    try {
      await index.runs[what](clock());
    } finally {
      await index.close();
    }
  };
  try {
    await note('begin');
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    async release(isWhole) {
      try {
        if (isWhole) await note('end');
      } catch (error) {
        // Of a full disk: readers begin anew then, as after a crash.
        if (!(error instanceof OvadexError)) throw error;
      } finally {
        lock.release();
      }
    },
  };
}
