import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { built } from '../built.js';
import { buildIndex } from '../bulk-index.js';
import { type LoggedProcess, startLogged } from './logged-process.js';

const { openDatabase } = await built<typeof import('../../../src/sqlite/file/database.js')>('sqlite/file/database.js');
const { createTokenStore } =
  await built<typeof import('../../../src/sqlite/write/token-store.js')>('sqlite/write/token-store.js');
const { createTokenAuthority } = await built<typeof import('../../../src/auth/tokens.js')>('auth/tokens.js');

/** A usual personal space. */
const IMAGES = 12;

/** A daemon with an index of many spaces that nobody crawls, and who changes them. */
export interface WaitersScene {
  readonly daemon: LoggedProcess;
  /** The token of each space's user; those of the first `spaces` of them are for the clients that wait. */
  readonly tokens: readonly string[];
  /** Of a user for whom nobody waits. */
  readonly other: string;
  /**
   * Changes an image in each of the first so many spaces, in one transaction as the crawler would; returns when that was
   * committed, in ms since the epoch.
   */
  change(spaces: number): number;
  /** A value of /metrics. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it; `spaces` are those that clients wait for, and `perUser` how many may wait for each. */
export async function openWaitersScene({
  spaces,
  perUser,
  images = IMAGES,
  webhooks = [],
}: {
  readonly spaces: number;
  readonly perUser: number;
  readonly images?: number;
  /** Receivers, as in the configuration. */
  readonly webhooks?: readonly object[];
}): Promise<WaitersScene> {
  const cleanup = createCleanup();
  try {
    const index = buildIndex({ spaces: spaces + 1, images });
    cleanup.add(index.remove);
    const db = openDatabase(index.file);
    cleanup.add(() => void db.close());
    const authority = createTokenAuthority({ tokens: createTokenStore(db), clock: Date.now });
    const users = Array.from({ length: spaces + 1 }, (_, i) => `user${i}`);
    const grants = users.map((user) => ({ user, scopes: [], expiresAt: null, name: null }));
    const issued = await authority.issueAll(grants);
    const [admin] = await authority.issueAll([{ user: 'admin', scopes: ['admin'], expiresAt: null, name: null }]);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      data: { directory: dirname(index.file) },
      storage: { url: 'http://dav.test/{user}/' },
      spaces: users.map((user) => ({ user })),
      describe: { enabled: false },
      api: { waitsPerUser: perUser },
      webhooks,
      log: { level: 'warn' },
    });
    const daemon = await startLogged(() => ovadex.argv('serve'), ovadex.port);
    cleanup.add(daemon.stop);
    const changeSpaces = changing(db);
    const tokens = issued.map(({ token }) => token);
    return {
      daemon,
      tokens,
      other: tokens[spaces] as string,
      change: changeSpaces,
      async metric(name) {
        const response = await fetch(`${daemon.url}metrics`, { headers: { authorization: `Bearer ${admin?.token}` } });
        const text = await response.text();
        const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
        if (value === undefined) throw new Error(`/metrics doesn't tell ${name}: ${text.slice(0, 500)}`);
        return Number(value);
      },
      stop: cleanup.run,
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

function changing(db: Database): (spaces: number) => number {
  const raise = db.prepare<[number, number]>('UPDATE spaces SET revision = revision + 1, changed_at = ? WHERE id <= ?');
  const grow = db.prepare<[number]>(
    `UPDATE images SET size_bytes = size_bytes + 1, changed_in = spaces.revision FROM spaces
     WHERE images.space = spaces.id AND spaces.id <= ?
       AND images.id = (SELECT min(id) FROM images AS others WHERE others.space = spaces.id)`,
  );
  const commit = db.transaction((spaces: number) => {
    raise.run(Date.now(), spaces);
    grow.run(spaces);
  });
  return (spaces) => {
    commit.immediate(spaces);
    return performance.timeOrigin + performance.now();
  };
}
