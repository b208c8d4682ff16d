import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { createIndexFile } from '../../src/app/index-file.js';
import { createCleanup } from '../support/cleanup.js';
import { startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex } from '../support/process/ovadex.js';
import { residentBytesOf } from '../support/process/usage.js';
import { overhear } from '../support/secrets.js';
import { heapBytes, PROBE } from './probe.js';

/** What a daemon takes at a moment. */
export interface Footprint {
  /** Of both threads, after a collection. */
  readonly heapBytes: number;
  /** Of the process, with what its allocators keep. */
  readonly residentBytes: number;
  readonly handles: number;
  readonly walBytes: number;
  readonly indexBytes: number;
  readonly files: number;
}

export interface Hour {
  readonly syncs: number;
  readonly failed: number;
  readonly elapsedMs: number;
  readonly before: Footprint;
  readonly after: Footprint;
}

/** What is added from the end of the second round on may be no more than this. */
export const BOUNDS: Footprint = {
  // Statements, connections and caches settle in the first rounds; a leak of 1 KB a sync would be 4 MB.
  heapBytes: 3 * 1024 * 1024,
  // Left to V8 and malloc, which give back late.
  residentBytes: 48 * 1024 * 1024,
  // Connections to the storage come and go, sixteen at most.
  handles: 20,
  // SQLite begins the log anew from 4 MiB on, behind the last reader.
  walBytes: 16 * 1024 * 1024,
  // A row of the log for each sync, half a KB with its keys; ended ones are forgotten beyond a hundred of a space.
  indexBytes: 6 * 1024 * 1024,
  files: 1,
};

/** Four rounds an hour, as by default; each takes seconds here instead of minutes. */
const ROUND_S = 15;
/** So many spaces change between two rounds. */
const CHANGED = 0.05;
const IMAGES = 3;
const LOOK_EVERY_MS = 500;
/** Ten times what it takes; a busy machine takes longer. */
const WITHIN_MS = 900_000;

/** Runs a daemon through so many rounds of scheduled syncs after two that warm it up, and says what it took. */
export async function runHour({ spaces, rounds }: { spaces: number; rounds: number }): Promise<Hour> {
  const cleanup = createCleanup();
  try {
    const dav = await startDavServer();
    cleanup.add(dav.close);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    const users = Array.from({ length: spaces }, (_, i) => `user${i}`);
    let made = 0;
    const put = (user: string) => dav.tree.put(`${user}/machine ${made++}.ova`, { size: 1 });
    for (const user of users) for (let i = 0; i < IMAGES; i++) put(user);
    ovadex.configure({
      spaces: users.map((user) => ({ user, url: `${dav.url}${user}/` })),
      crawl: { schedule: `*/${ROUND_S} * * * * *` },
    });
    const child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, ...ovadex.argv('serve')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    overhear(child);
    cleanup.add(async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    });
    let told = '';
    let isServing = false;
    child.stdout.on('data', (data: Buffer) => {
      isServing ||= data.includes('ovadex serves');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told = (told + text).slice(-10_000);
    });
    const directory = join(dirname(ovadex.configFile), 'data');
    const { file } = createIndexFile({ data: { directory } });
    const ended = (status: string) => {
      const db = new Database(file, { readonly: true });
      try {
        return (
          db
            .prepare<[string], number>("SELECT count(*) FROM syncs WHERE status = ? AND origin = 'schedule'")
            .pluck()
            .get(status) ?? 0
        );
      } finally {
        db.close();
      }
    };
    const until = async (isThere: () => boolean) => {
      for (const deadline = Date.now() + WITHIN_MS; !isThere(); await delay(LOOK_EVERY_MS)) {
        if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}: ${told}`);
        if (Date.now() > deadline) throw new Error(`not there after ${WITHIN_MS} ms: ${told}`);
        dav.forgetRequests();
      }
    };
    const look = async (): Promise<Footprint> => {
      told = '';
      await until(() => heapBytes(told) !== null);
      return {
        heapBytes: heapBytes(told) ?? 0,
        residentBytes: residentBytesOf(child.pid),
        handles: readdirSync(`/proc/${child.pid}/fd`).length,
        walBytes: statSync(`${file}-wal`).size,
        indexBytes: statSync(file).size,
        files: readdirSync(directory, { recursive: true }).length,
      };
    };
    await until(() => isServing);
    await until(() => ended('PROCESSED') >= 2 * spaces);
    const [startedAt, first] = [performance.now(), ended('PROCESSED')];
    const before = await look();
    for (let round = 1; round <= rounds; round++) {
      for (const user of users) if (Math.random() < CHANGED) put(user);
      await until(() => ended('PROCESSED') - first >= round * spaces);
    }
    const after = await look();
    return {
      syncs: ended('PROCESSED') - first,
      failed: ended('ERROR'),
      elapsedMs: performance.now() - startedAt,
      before,
      after,
    };
  } finally {
    await cleanup.run();
  }
}
