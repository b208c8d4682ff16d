import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { openIndex } from '../../src/app/open-index.js';
import { createCrawlTally } from '../../src/crawl/crawl-metrics.js';
import { startCrawlDaemon } from '../../src/crawl/daemon.js';
import type { Sleep } from '../../src/domain/ports/clock.js';
import { createCloudStore } from '../support/nextcloud/cloud-store.js';
import { type CloudSpace, createSpace } from '../support/nextcloud/space.js';
import { createMint, createStorage } from '../support/nextcloud/storage.js';
import type { Verdict } from './ratios.js';

export interface CloudDayOptions {
  readonly users: number;
  /** Of each user, without the folders above them; an image lies in every second one. */
  readonly collections: number;
  /** After the first night. */
  readonly days: number;
  readonly onProgress: (text: string) => void;
}

const DAY_MS = 86_400_000;
const ROUND_MS = 15 * 60_000;
/** The day begins after a first crawl and a full sync at 3:00. */
const START = Date.UTC(2026, 2, 1, 20, 0, 0);
const MEASURED_FROM = Date.UTC(2026, 2, 2, 6, 0, 0);
/** A first crawl is over by then. */
const CHANGES_FROM = START + 3_600_000;
/** Changes a day of the most eager tenth of the users, and of the next fifth; the others never change anything. */
const EAGER_A_DAY = 8;
const STEADY_A_DAY = 0.5;
const STEP_MS = 1_000;
/** Turns of the event loop in which what a second began comes to rest: commits and the next listings. */
const TURNS = 3;
/** Processor time of a genuine Nextcloud for a request by an app password with cookies. */
const CPU_S = 0.03;

const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });

/** Requests of a crawl by the default schedules on a Nextcloud whose users mostly change nothing, by a simulated clock. */
export async function benchCloudDay(options: CloudDayOptions): Promise<Verdict> {
  const { users, collections, days, onProgress } = options;
  const directory = mkdtempSync(`${tmpdir()}/ovadex-day-`);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  try {
    const now = () => Date.now();
    const spaces = makeSpaces(users, collections, now);
    const requestsAt = new Map<number, number>();
    const onRequest = () => {
      const second = Math.floor(now() / 1_000);
      requestsAt.set(second, (requestsAt.get(second) ?? 0) + 1);
    };
    const index = await openIndex({ data: { directory, keepBackups: 1, replicated: false } }, { clock: now });
    const daemon = await startCrawlDaemon({
      spaces: [...spaces.keys()].map((user) => ({
        user,
        url: `http://cloud.test/remote.php/dav/files/${user}/`,
        auth: { type: 'none' },
        watchDirectory: null,
      })),
      discoveries: [],
      limits: {
        schedule: '*/15 * * * *',
        fullSchedule: '0 3 * * *',
        poll: '* * * * *',
        timeZone: 'UTC',
        spacesAtOnce: 4,
        requestsPerSpace: 8,
        maxDepth: 64,
        search: 'auto',
      },
      isExcluded: () => false,
      rules: 'rules',
      storage: {
        open: ({ url }) => createCloudStore(spaceAt(spaces, url), now, onRequest),
        childUrl: (url, name) => `${url}${name}/`,
      },
      catalogue: index.catalogue,
      index: index.images,
      registry: index.spaces,
      log: index.syncs,
      tally: createCrawlTally(),
      owner: 'day',
      clock: now,
      sleep,
      logger: pino({ level: 'silent' }),
    });
    const change = createChanges(spaces);
    const end = MEASURED_FROM + days * DAY_MS;
    for (let at = START; at < end; at += STEP_MS) {
      mock.timers.tick(STEP_MS);
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      if (at >= CHANGES_FROM) change(STEP_MS);
      if ((at - START) % (DAY_MS / 4) === 0) onProgress(`nextcloud: ${new Date(at).toISOString()}`);
    }
    await daemon.stop();
    await index.close();
    return verdictOf(requestsAt, { ...options, seconds: (end - MEASURED_FROM) / 1_000 });
  } finally {
    mock.timers.reset();
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeSpaces(users: number, collections: number, now: () => number): ReadonlyMap<string, CloudSpace> {
  const mint = createMint(now);
  const spaces = new Map<string, CloudSpace>();
  for (let user = 0; user < users; user++) {
    const home = createStorage(mint);
    for (let at = 0; at < collections; at++) {
      const folder = `f${at % 10}/g${at % 100}/h${at}`;
      home.makeFolder(folder);
      if (at % 2 === 0) home.put(`${folder}/x.ova`, { sizeBytes: 1 });
    }
    spaces.set(`user${user}`, createSpace(home));
  }
  return spaces;
}

function spaceAt(spaces: ReadonlyMap<string, CloudSpace>, url: string): CloudSpace {
  const space = spaces.get(/files\/(\w+)\//.exec(url)?.[1] ?? '');
  if (space === undefined) throw new Error(`no space at ${url}`);
  return space;
}

/** Uploads at random times, the same in every run. */
function createChanges(spaces: ReadonlyMap<string, CloudSpace>): (ms: number) => void {
  const all = [...spaces.values()];
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  let made = 0;
  return (ms) => {
    for (const [at, space] of all.entries()) {
      const aDay = at % 10 === 0 ? EAGER_A_DAY : at % 10 < 3 ? STEADY_A_DAY : 0;
      if (random() >= (aDay * ms) / DAY_MS) continue;
      const folder = Math.floor(random() * 10);
      space.home.put(`f${folder}/g${folder}/h${folder}/new ${made++}.ova`, { sizeBytes: 1 });
    }
  };
}

function verdictOf(
  requestsAt: ReadonlyMap<number, number>,
  { users, collections, days, seconds }: CloudDayOptions & { readonly seconds: number },
): Verdict {
  const measured = [...requestsAt].filter(([second]) => second * 1_000 >= MEASURED_FROM);
  const asked = measured.reduce((sum, [, count]) => sum + count, 0);
  const nights = measured.filter(([second]) => Math.floor((second % 86_400) / 3_600) === 3);
  const atNight = nights.reduce((sum, [, count]) => sum + count, 0);
  const everything = (users * collections * days * DAY_MS) / ROUND_MS;
  const per10k = (count: number) => ((count / users) * 10_000) / seconds;
  return {
    name: 'nextcloud, a day',
    meaning: 'listing every lowest collection each round / what the crawl asks for, polls and full syncs included',
    ratio: everything / asked,
    ratios: [everything / asked],
    target: null,
    context: [
      `${users} users, ${collections} collections each, ${days} days: ${Math.round(asked / users / days)} requests a user and day, ${Math.round(atNight / users / days)} of them from 3:00 to 4:00`,
      `for 10,000 users ${per10k(asked).toFixed(0)} requests a second (${(per10k(asked) * CPU_S).toFixed(1)} cores of the server), all in each round ${per10k(everything).toFixed(0)} (${(per10k(everything) * CPU_S).toFixed(0)} cores)`,
    ],
  };
}
