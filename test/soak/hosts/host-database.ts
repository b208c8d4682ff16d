import { setImmediate } from 'node:timers/promises';
import { createDatabase, type Database } from '../../../src/postgres/connection/database.js';
import { createPool } from '../../../src/postgres/connection/pool.js';
import type { Fuse } from '../fuse.js';

/** How much is under way in a database. */
export interface Activity {
  begin(): void;
  end(): void;
  /** Waits until nothing is, nor begins in the next turn of the event loop. */
  untilIdle(): Promise<void>;
}

/** The connections of one process, which end with it. */
export interface HostDatabase {
  readonly db: Database;
  /** Breaks all connections where they are, as when the process dies; nothing more is answered. */
  drop(): void;
  close(): Promise<void>;
}

const CONNECTIONS = 4;
const never = () => new Promise<never>(() => undefined);

export function createActivity(): Activity {
  let busy = 0;
  let resting: (() => void)[] = [];
  return {
    begin: () => void busy++,
    end() {
      if (--busy > 0) return;
      for (const go of resting) go();
      resting = [];
    },
    async untilIdle() {
      await setImmediate();
      while (busy > 0) {
        await new Promise<void>((resolve) => resting.push(resolve));
        await setImmediate();
      }
    },
  };
}

/** Opens a database for a process of this name; its connections can be told by it. A fuse may kill the process at a statement. */
export function openHostDatabase(
  url: string,
  name: string,
  { fuse, activity }: { readonly fuse?: Fuse; readonly activity?: Activity } = {},
): HostDatabase {
  const pool = createPool({ connectionString: url, max: CONNECTIONS, application_name: name });
  const held = new Set<() => void>();
  let isDead = false;
  const drop = () => {
    isDead = true;
    for (const give of [...held]) give();
  };
  void fuse?.died.then(drop);
  const db = createDatabase({
    async acquire() {
      if (isDead) return never();
      activity?.begin();
      const connection = await pool.acquire().catch((error: unknown) => {
        activity?.end();
        throw error;
      });
      const release = (isBroken: boolean) => {
        if (!held.delete(giveUp)) return;
        activity?.end();
        connection.release(isBroken);
      };
      const giveUp = () => release(true);
      held.add(giveUp);
      if (isDead) giveUp();
      return {
        async query(...asked) {
          fuse?.beforeStatement();
          if (isDead) return never();
          const answer = await connection.query(...asked).catch((error: unknown) => {
            if (isDead) return never();
            throw error;
          });
          return isDead ? never() : answer;
        },
        release,
      };
    },
    close: () => pool.close(),
  });
  return {
    db,
    drop,
    async close() {
      drop();
      await pool.close();
    },
  };
}
