import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { judge } from '../interop/postgres/hammer/judge.js';
import type { Reader } from '../interop/postgres/hammer/reader.js';
import { type Many, queryOf, startMany, whileAsked } from '../interop/postgres/hammer/scene.js';
import { DATED_COMMITS, observeLeases, readTakeovers, readTruth } from '../interop/postgres/hammer/truth.js';
import { type Chance, createChance } from '../soak/chance.js';
import { createCleanup } from '../support/cleanup.js';
import { countedWrong } from '../support/counted-wrong.js';
import type { Host } from '../support/process/cluster.js';
import { until } from '../support/process/process-tree.js';
import { type PostgresServer, programOfPostgres, startPostgres } from '../support/servers/postgres.js';

/** Of whom processes were killed, and what was seen. */
export interface ClusterTally {
  kills: number;
  apis: number;
  crawlers: number;
  backends: number;
  postmasters: number;
  /** Answers to clients that were judged, and how many versions of lists they told. */
  answers: number;
  versions: number;
  /** Questions that a host broke off or refused as it was not there, and those that it could not answer for want of the database. */
  broken: number;
  refused: number;
  /** The longest time that an answer was behind a commit, in ms. */
  behindMs: number;
  /** Times at which the lists of all hosts were those of the storage. */
  agreed: number;
  /** Syncs that a host has taken and that came to an end. */
  syncs: number;
}

export interface ClusterKillOptions {
  readonly times: number;
  readonly seed: number;
  readonly onKill?: (tally: ClusterTally) => void;
}

/** How many hosts answer. */
const APIS = 2;
/** All goes on for so long between two kills, at most; several commits come in it. */
const LONGEST_LIFE_MS = 2_000;
/** The one that was killed is gone for so long, at most. */
const LONGEST_DEATH_MS = 1_500;
/** After so many kills all is left in peace until it is right, and judged. */
const JUDGED_EVERY = 20;
/** A lease that nobody gives back ends within half a minute, and what it was for is done then; on a busy machine. */
const RECOVERED_WITHIN_MS = 120_000;
const ASKED_EVERY_MS = 250;
/** Promised, and room for a machine that starts programs meanwhile. */
const BEHIND_BY_MS = 250 + 250;

type Victim = 'apis' | 'crawlers' | 'backends' | 'postmasters';

/**
 * Kills processes of a cluster by SIGKILL at chance moments: hosts that answer, hosts that crawl, PostgreSQL's backends and
 * its first process; each is started again. Meanwhile files change and clients ask. No answer may tell what there never was
 * nor go back, no space be synced twice at a time, and again and again, as in the end, all must be right. Throws with the
 * seed otherwise.
 */
export async function killCluster({ times, seed, onKill }: ClusterKillOptions): Promise<ClusterTally> {
  const chance = createChance(seed);
  const tally: ClusterTally = {
    ...{ kills: 0, apis: 0, crawlers: 0, backends: 0, postmasters: 0, answers: 0, versions: 0 },
    ...{ broken: 0, refused: 0, behindMs: 0, agreed: 0, syncs: 0 },
  };
  const cleanup = createCleanup();
  try {
    const server = await startPostgres({ settings: DATED_COMMITS });
    cleanup.add(server.stop);
    const many = await startMany(cleanup, server, APIS);
    await observeLeases(queryOf(many.database));
    await untilRight(many);
    while (tally.kills < times) {
      const round = Math.min(JUDGED_EVERY, times - tally.kills);
      const readers = await whileAsked(many, async () => {
        for (let left = round; left > 0; left--) {
          await delay(chance.int(0, LONGEST_LIFE_MS));
          tally[await killOne(chance, many, server)]++;
          tally.kills++;
          onKill?.(tally);
        }
      });
      await many.startAll();
      await untilRight(many);
      await judgeAll(many, readers, tally);
      await checkDamage(server, many.database);
    }
    await untilEnded(many, tally);
    return tally;
  } catch (error) {
    throw new Error(`after ${tally.kills} kills with seed ${seed}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    await cleanup.run();
  }
}

async function killOne(chance: Chance, many: Many, server: PostgresServer): Promise<Victim> {
  const victim = chance.weigh<Victim>([3, 'apis'], [4, 'crawlers'], [2, 'backends'], [1, 'postmasters']);
  const gone = () => delay(chance.int(0, LONGEST_DEATH_MS));
  switch (victim) {
    case 'apis':
    case 'crawlers': {
      const host = chance.pick<Host>(victim === 'apis' ? many.fronts : many.crawlers);
      await host.kill();
      await gone();
      break;
    }
    case 'backends':
      await killBackend(chance, server);
      break;
    case 'postmasters':
      await server.kill();
      await gone();
      await server.restart();
      break;
  }
  // Also those that have ended because of the database, if any did.
  const ended = many.all.filter((host) => !host.isRunning());
  await Promise.all(ended.map((host) => host.start()));
  return victim;
}

/** The server ends all others with it, and makes its shared memory anew. */
async function killBackend(chance: Chance, server: PostgresServer): Promise<void> {
  const backends = await server.query(
    `SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid() ORDER BY pid`,
  );
  if (backends.length > 0) process.kill(Number(chance.pick(backends)['pid']), 'SIGKILL');
  await until(() => isAnswering(server), 'an answer of the server');
}

function isAnswering(server: PostgresServer): Promise<boolean> {
  return server.query('SELECT').then(
    () => true,
    () => false,
  );
}

/** Waits until each host shows what each space has. */
async function untilRight(many: Many): Promise<void> {
  for (const host of many.fronts) {
    for (const user of many.users) {
      const isRight = async () => {
        const shown = await many.shown(host, user);
        if (shown?.join() === many.files(user).join()) return true;
        // A sync that was left behind, and has passed what has changed since, answers requests until somebody ends it.
        await many.requestSync(user, 'full');
        await delay(ASKED_EVERY_MS);
        return false;
      };
      await until(isRight, `the right list of ${user} at ${host.url}`, RECOVERED_WITHIN_MS);
    }
  }
}

/** Throws if a client was told what there never was, or less than before, or a space was synced twice at a time. */
async function judgeAll(many: Many, readers: readonly Reader[], tally: ClusterTally): Promise<void> {
  const query = queryOf(many.database);
  const truth = await readTruth(query);
  const { answers, versions, untrue, backward, lags } = judge(readers, () => truth);
  expectNone('answers tell a list that there never was', untrue);
  expectNone('answers go back', backward);
  const behindMs = lags.at(-1) ?? 0;
  if (behindMs > BEHIND_BY_MS) throw new Error(`an answer was ${behindMs} ms behind a commit`);
  const told = readers.flatMap((reader) => reader.told);
  const refused = told.filter(({ status }) => status !== 200 && status !== 304);
  expectNone(
    'answers say neither what there is nor when to ask again',
    refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null),
  );
  expectNone('leases were taken before they ended', await readTakeovers(query));
  expectNone('counters are wrong', await countedWrong(query));
  tally.answers += answers;
  tally.versions += versions;
  tally.broken += readers.reduce((sum, { broken }) => sum + broken.length, 0);
  tally.refused += refused.length;
  tally.behindMs = Math.max(tally.behindMs, Math.round(behindMs));
  tally.agreed++;
}

function expectNone(what: string, found: readonly object[]): void {
  if (found.length > 0) throw new Error(`${found.length} ${what}, such as ${JSON.stringify(found[0])}`);
}

/** Waits until nothing that was ever asked for is left to be done. */
async function untilEnded(many: Many, tally: ClusterTally): Promise<void> {
  const query = queryOf(many.database);
  const left = async () => await query('SELECT id, status FROM syncs WHERE ended_at IS NULL');
  await until(async () => (await left()).length === 0, 'the end of all syncs', RECOVERED_WITHIN_MS);
  const ids = [...many.taken];
  // Of the ended ones the oldest are forgotten.
  const rows = await query('SELECT id::float8 AS id, status FROM syncs WHERE id = ANY ($1)', [ids]);
  const last = Math.max(...ids);
  if (!rows.some(({ id }) => id === last)) throw new Error(`sync ${last}, which a host has taken, is forgotten`);
  tally.syncs = ids.length;
}

const run = promisify(execFile);

/** Throws if PostgreSQL's own tool, which `ovadex db check` names, finds damage. */
async function checkDamage({ url }: PostgresServer, database: string): Promise<void> {
  const asSuperuser = Object.assign(new URL(url), { pathname: new URL(database).pathname }).href;
  await queryOf(asSuperuser)('CREATE EXTENSION IF NOT EXISTS amcheck');
  await run(programOfPostgres('pg_amcheck'), ['--heapallindexed', '--parent-check', asSuperuser]);
}
