import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex } from '../support/process/ovadex.js';
import { processorMsOf } from '../support/process/usage.js';
import { buildIndex } from './bulk-index.js';
import { limitVerdict } from './limit-verdict.js';
import { percentile } from './percentile.js';
import { measureRounds, median, type Verdict } from './ratios.js';
import { signIn } from './sign-in.js';
import { startSteadyLoad } from './steady-load.js';
import { milliseconds } from './units.js';

export interface ConsoleBenchOptions {
  /** Of the space whose first page is shown. */
  readonly images: number;
  /** How often it is, in a round. */
  readonly pages: number;
  /** How many administrators have the overview open. */
  readonly overviews: number;
  readonly rounds: number;
  readonly secondsEach: number;
  readonly onProgress: (text: string) => void;
}

/** What a page may take of the processor. */
const PAGE_LIMIT_MS = 100;
/** What a first look may cost on a slow line. */
const BYTES_LIMIT = 100_000;
/** Overviews may make the list of the API slower by so much. */
const MOST_SLOWER = 1.05;
/** Images in the space of `small`, whose list is loaded meanwhile. */
const SMALL = 12;
const LOAD = { perSecond: 200, connections: 16 };
/** What runs often is compiled by then. */
const WARM_UP = 30;
/** Among whom the sessions are shared out. */
const ADMINISTRATORS = 10;
const OVERVIEWS = fileURLToPath(new URL('./overviews.ts', import.meta.url));
const ASSETS = fileURLToPath(new URL('../../src/browser/console/', import.meta.url));

/** Pages for people beside the API: what one costs, what it weighs, and what many that move cost others. */
export async function benchConsole(options: ConsoleBenchOptions): Promise<Verdict[]> {
  const { images, pages, overviews, rounds, secondsEach, onProgress } = options;
  const cleanup = createCleanup();
  try {
    onProgress(`console: building an index of ${images} images in one space`);
    const ovadex = await installOvadex();
    cleanup.add(() => ovadex.remove());
    const data = join(dirname(ovadex.configFile), 'data');
    mkdirSync(data, { recursive: true });
    renameSync(indexOf(images), join(data, 'ovadex.db'));
    // Nothing answers there, so the spaces of the index stay as they are.
    ovadex.configure({ spaces: [{ discover: 'http://dav.test/' }], log: { level: 'warn' } });
    // One user may have a hundred sessions.
    const admins: string[] = [];
    for (let n = 0; n < ADMINISTRATORS; n++) {
      admins.push((await ovadex.createToken(`root${n}`, ['--scope', 'admin'])).token);
    }
    const tokens = {
      user: (await ovadex.createToken('user0')).token,
      small: (await ovadex.createToken('small')).token,
      admins,
    };
    const daemon = await ovadex.serve();
    cleanup.add(() => daemon.stop());
    const url = daemon.url.replace(/\/$/, '');
    const cookie = await signIn(url, tokens.user);

    let asked = 0;
    /** Processor time of the daemon for one answer. */
    const costOf = async (path: string, headers: Readonly<Record<string, string>>, times = pages) => {
      const before = processorMsOf(daemon.pid);
      // Each is another request, so that none is answered by what was kept.
      for (let n = 0; n < times; n++) await bytesOf(`${url}${path}n=${asked++}`, headers);
      return (processorMsOf(daemon.pid) - before) / times;
    };
    const page = (times?: number) => costOf('/console/images?', { cookie }, times);
    const list = (times?: number) =>
      costOf('/v2/image?per_page=50&include=ovf&', { authorization: `Bearer ${tokens.user}` }, times);
    await page(WARM_UP);
    await list(WARM_UP);
    const measured = await measureRounds(
      rounds,
      () => page(),
      () => list(),
      (n, { ours, theirs }) =>
        onProgress(`console: round ${n} of ${rounds}: page ${milliseconds(ours)}, list ${milliseconds(theirs)}`),
    );
    const ratios = measured.map(({ ours, theirs }) => theirs / ours);
    const bytes = (await bytesOf(`${url}/console/images`, { cookie })) + assetBytes();

    /** The 99th percentile of a small list of the API, under a steady load. */
    const slowest = async () => {
      const load = startSteadyLoad({ url: `${url}/v2/image`, authorization: `Bearer ${tokens.small}`, ...LOAD });
      await delay(secondsEach * 1_000);
      return percentile(await load.stop(), 0.99);
    };
    const withOverviews = async () => {
      const close = await openOverviews(url, tokens.admins, overviews);
      try {
        return await slowest();
      } finally {
        await close();
      }
    };
    await slowest();
    const beside = await measureRounds(rounds, withOverviews, slowest, (n, { ours, theirs }) =>
      onProgress(`console: round ${n} of ${rounds}: ${milliseconds(ours)} beside ${milliseconds(theirs)}`),
    );
    const slower = beside.map(({ ours, theirs }) => theirs / ours);
    const [ours, theirs] = [median(beside.map((each) => each.ours)), median(beside.map((each) => each.theirs))];
    return [
      limitVerdict(
        'console, page',
        `${PAGE_LIMIT_MS} ms / processor time of the first page of ${images} images`,
        PAGE_LIMIT_MS,
        {
          values: measured.map((each) => each.ours),
          context: (value) => `${milliseconds(value)} a page`,
        },
      ),
      {
        name: 'console, list',
        meaning: 'processor time of the same first page by the API, with include=ovf / of the page for people',
        ratio: median(ratios),
        ratios,
        target: null,
        context: [`${milliseconds(median(measured.map((each) => each.theirs)))} by the API`],
      },
      limitVerdict(
        'console, bytes',
        `${BYTES_LIMIT / 1_000} KB / that page, style sheet and scripts, uncompressed`,
        BYTES_LIMIT,
        {
          values: [bytes],
          context: (value) => `${value} bytes`,
        },
      ),
      {
        name: 'console, overviews',
        meaning: `99th percentile of the list of ${SMALL} images, nobody looking / with ${overviews} overviews open`,
        ratio: median(slower),
        ratios: slower,
        target: 1 / MOST_SLOWER,
        context: [`${milliseconds(theirs)}; ${milliseconds(ours)} with overviews`],
      },
    ];
  } finally {
    await cleanup.run();
  }
}

/** Returns the file of an index with the space of `user0`, and a small one of `small`. */
function indexOf(images: number): string {
  const { file } = buildIndex({ spaces: 1, images, isDescribed: true });
  const db = openDatabase(file);
  db.exec(`
    INSERT INTO spaces (id, user, url, added_at, images, collections, revision, last_sync_at, last_success_at)
      VALUES (2, 'small', 'http://dav.test/small/', 0, ${SMALL}, 1, 1, 1, 1);
    INSERT INTO collections (space, path) VALUES (2, '');
    INSERT INTO images (space, collection, path, name, name_key, size_bytes, created_at, updated_at)
      SELECT 2, (SELECT id FROM collections WHERE space = 2), path, name, name_key, size_bytes, created_at, updated_at
      FROM images WHERE id <= ${SMALL};
    UPDATE trigram_extent SET last_image = (SELECT max(id) FROM images)`);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return file;
}

async function bytesOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const { statusCode, body } = await request(url, { headers });
  const { byteLength } = await body.arrayBuffer();
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
  return byteLength;
}

/** Bytes of the style sheet and of all scripts. */
function assetBytes(): number {
  return readdirSync(ASSETS).reduce((sum, name) => sum + readFileSync(join(ASSETS, name)).length, 0);
}

/** Opens so many overviews, each in a session of its own, once all have been told something; returns what closes them. */
async function openOverviews(url: string, tokens: readonly string[], count: number): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['--import', 'tsx', OVERVIEWS, url, `${count}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  // Its readers are other people's machines: here they give way to whoever measures.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  child.stdin.write(`${tokens.join('\n')}\n\n`);
  const opened = once(child.stdout, 'data');
  await Promise.race([opened, ended.then(([code]) => Promise.reject(new Error(`the overviews ended with ${code}`)))]);
  return async () => {
    child.stdin.end();
    await ended;
  };
}
