import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createIndexFile } from '../../src/app/index-file.js';
import { type Index, openIndex } from '../../src/app/open-index.js';
import { type Chance, createChance } from '../soak/chance.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { type Audience, type AudienceTally, startAudience } from './audience.js';
import { startDaemon } from './daemon.js';
import { type Load, startLoad, type Witnessed } from './load.js';
import { type NeighbourTally, startNeighbours } from './neighbours.js';
import { type ChangingStorage, keyOf, startChangingStorage } from './storage.js';

/** What was done and seen. */
export interface KillTally extends NeighbourTally, AudienceTally {
  kills: number;
  /** Of them before the daemon served, in the middle of its start. */
  early: number;
  /** Of them while a webhook was told something. */
  inDelivery: number;
  answers: number;
  /** Ended syncs that an answer had told of and the index still knows. */
  syncsKept: number;
  /** Images that an answer had shown and the index still shows. */
  imagesKept: number;
  checks: number;
}

export interface KillOptions {
  readonly times: number;
  readonly seed: number;
  readonly onKill?: (tally: KillTally) => void;
}

/** A killed daemon's leases run for half a minute: of so many spaces most are free all the time. */
const USERS = 150;
/** So many of them are asked for by the load. */
const CALLERS = 20;
const CHANGE_EVERY_MS = 15;
/** So many kills come in the middle of a start. */
const EARLY = 0.2;
const LONGEST_START_MS = 1_500;
/** Many commits, some rounds of the schedule and of the maintenance come before. */
const LONGEST_LIFE_MS = 1_500;
/** In so many rounds somebody tries a restore; in half of them the kill waits for its end, and it must be refused. */
const RESTORES = 0.25;
/** So many kills come with a message to a webhook, of the first so many; before its answer, or just after it. */
const IN_DELIVERY = 0.4;
const MESSAGES = 30;
const NO_ONE: Witnessed = { lists: new Map(), ended: new Map(), answers: 0 };

/**
 * Kills a daemon by SIGKILL at a chance moment, again and again, while it crawls a storage that changes, looks after
 * its index, answers calls and tells a webhook, and while others look at it, back it up and try to restore it. After each
 * kill the index is checked and must hold what answers had told; in the end, after one sync, it must be what the storage
 * has, and so must every copy that somebody keeps. Throws with the seed otherwise.
 */
export async function killServing({ times, seed, onKill }: KillOptions): Promise<KillTally> {
  const chance = createChance(seed);
  const tally: KillTally = {
    ...{ kills: 0, early: 0, inDelivery: 0, answers: 0, syncsKept: 0, imagesKept: 0, checks: 0 },
    ...{ looks: 0, backups: 0, refused: 0, restored: 0 },
    ...{ messages: 0, repeats: 0, newAgain: 0, resets: 0, changes: 0, anew: 0, clientKills: 0 },
  };
  const cleanup = createCleanup();
  try {
    const users = Array.from({ length: USERS }, (_, i) => `user${i}`);
    const storage = await startChangingStorage(users, chance);
    cleanup.add(storage.close);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    const audience = await startAudience(`http://127.0.0.1:${ovadex.port}`, chance);
    cleanup.add(audience.close);
    configure(ovadex, storage, audience);
    const place = { data: { directory: join(dirname(ovadex.configFile), 'data') } };
    const tokens = await issueTokens(place, users);
    audience.follow(tokens.users);
    while (tally.kills < times) {
      const round = { ovadex, storage, audience, chance, tokens, tally, file: createIndexFile(place).file };
      const seen = await killOnce(round);
      await check(place, storage, seen, tally);
      audience.check();
      await audience.disturb();
      Object.assign(tally, audience.tally());
      onKill?.(tally);
    }
    await settle(ovadex, place, storage);
    await agree(ovadex, place, audience);
    return Object.assign(tally, audience.tally());
  } catch (error) {
    throw new Error(`after ${tally.kills} kills with seed ${seed}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    await cleanup.run();
  }
}

interface Place {
  readonly data: { readonly directory: string };
}

interface Tokens {
  readonly admin: string;
  readonly users: ReadonlyMap<string, string>;
}

function configure(ovadex: Ovadex, storage: ChangingStorage, { webhook }: Audience): void {
  ovadex.configure({
    spaces: storage.users.map((user) => ({ user, url: storage.urlOf(user) })),
    crawl: { schedule: '*/5 * * * * *', fullSchedule: '*/20 * * * * *', spacesAtOnce: 4 },
    maintenance: { schedule: '* * * * * *' },
    webhooks: [webhook],
  });
}

async function issueTokens(place: Place, users: readonly string[]): Promise<Tokens> {
  const index = await openIndex(place);
  const issue = async (user: string, scopes: readonly 'admin'[]) =>
    (await index.authority.issue({ user, scopes, expiresAt: null })).token;
  const admin = await issue('admin', ['admin']);
  const tokens = new Map<string, string>();
  for (const user of users) tokens.set(user, await issue(user, []));
  await index.close();
  return { admin, users: tokens };
}

async function killOnce(round: {
  readonly ovadex: Ovadex;
  readonly storage: ChangingStorage;
  readonly audience: Audience;
  readonly chance: Chance;
  readonly tokens: Tokens;
  readonly tally: KillTally;
  readonly file: string;
}): Promise<Witnessed> {
  const { ovadex, storage, audience, chance, tokens, tally } = round;
  storage.touched();
  const neighbours = startNeighbours(ovadex, round.file, chance);
  const daemon = startDaemon(ovadex.argv('serve'));
  const changing = setInterval(storage.change, CHANGE_EVERY_MS);
  const kill = async (withinMs: number) => {
    await delay(chance.int(0, withinMs));
    daemon.child.kill('SIGKILL');
  };
  try {
    let load: Load | null = null;
    let restoring: Promise<void> = Promise.resolve();
    if (chance.happens(EARLY)) await kill(LONGEST_START_MS);
    else {
      const url = await daemon.ready();
      const callers = new Map([...tokens.users].slice(0, CALLERS));
      if (url !== null) load = startLoad(url, { tokens: callers, admin: tokens.admin, chance });
      if (chance.happens(RESTORES)) restoring = neighbours.restore();
      if (chance.happens(0.5)) await restoring;
      if (chance.happens(IN_DELIVERY)) {
        const died = killInDelivery(daemon.child, audience, chance);
        await Promise.race([died.then(() => tally.inDelivery++), delay(LONGEST_LIFE_MS)]);
      } else await delay(chance.int(0, LONGEST_LIFE_MS));
      await kill(0);
    }
    const code = await daemon.exited;
    if (code !== null) throw new Error(`the daemon ended by itself with ${code}: ${daemon.log()}`);
    const unexpected = /^.*"level":"(?:error|fatal)".*$/m.exec(daemon.log());
    if (unexpected !== null) throw new Error(`the daemon had an error: ${unexpected[0]}`);
    tally.kills++;
    if (load === null) tally.early++;
    const seen = (await load?.stop()) ?? NO_ONE;
    await restoring;
    const { looks, backups, refused, restored } = await neighbours.stop();
    tally.looks += looks;
    tally.backups += backups;
    tally.refused += refused;
    tally.restored += restored;
    return restored > 0 ? NO_ONE : seen;
  } finally {
    audience.onMessage(() => {});
    await neighbours.stop();
    clearInterval(changing);
    daemon.child.kill('SIGKILL');
  }
}

/** Kills the daemon with one of its next messages, before that is answered or just after it. */
function killInDelivery(child: ChildProcess, audience: Audience, chance: Chance): Promise<void> {
  let left = chance.int(1, MESSAGES);
  const isBefore = chance.happens(0.5);
  return new Promise((resolve) => {
    audience.onMessage(() => {
      left--;
      if (left !== 0) return;
      const die = () => resolve(void child.kill('SIGKILL'));
      if (isBefore) die();
      else setImmediate(die);
    });
  });
}

/** The index is whole, and holds what answers had told of it before the kill. */
async function check(place: Place, storage: ChangingStorage, seen: Witnessed, tally: KillTally): Promise<void> {
  const file = createIndexFile(place);
  if (!existsSync(file.file)) return; // killed before there was one
  const { findings } = file.check();
  if (findings.length > 0) throw new Error(`the index is damaged: ${JSON.stringify(findings)}`);
  tally.checks++;
  tally.answers += seen.answers;
  if (seen.answers === 0) return;
  const touched = storage.touched();
  const index = await openIndex(place, { readonly: true });
  try {
    for (const [id, status] of seen.ended) {
      const now = (await index.syncs.find(id))?.status;
      if (now !== status) throw new Error(`sync ${id} had ended with ${status} and is ${now ?? 'lost'}`);
      tally.syncsKept++;
    }
    for (const [user, shown] of seen.lists) {
      const kept = await pathsOf(index, user);
      for (const path of shown) {
        if (touched.has(keyOf(user, path))) continue;
        // What had gone from the storage before is due to go from the list.
        if (!kept.has(path) && storage.images(user).has(path)) throw new Error(`"${path}" of ${user} is lost`);
        tally.imagesKept++;
      }
    }
  } finally {
    await index.close();
  }
}

/** A daemon that nobody kills tells everybody what is left to be told. */
async function agree(ovadex: Ovadex, place: Place, audience: Audience): Promise<void> {
  const daemon = startDaemon(ovadex.argv('serve'));
  const index = await openIndex(place, { readonly: true });
  try {
    if ((await daemon.ready()) === null) throw new Error(`the last daemon ended: ${daemon.log()}`);
    await audience.agree(index, async (webhook) => {
      const { code, stderr } = await ovadex.start('webhook', 'retry', webhook);
      if (code !== 0) throw new Error(`webhook retry ended with ${code}: ${stderr}`);
    });
  } finally {
    await index.close();
    daemon.child.kill('SIGTERM');
    await daemon.exited;
  }
}

async function pathsOf(index: Index, user: string): Promise<ReadonlySet<string>> {
  const list = await index.catalogue.images(user, { nameContains: [], sort: [] });
  return new Set(list?.images.map(({ path }) => path));
}

/** Killed runs keep their spaces for half a minute, and what they had listed is not listed again by the one that resumes. */
const PASSES = 2;

async function settle(ovadex: Ovadex, place: Place, storage: ChangingStorage): Promise<void> {
  for (let pass = 0; pass < PASSES; pass++) {
    const { code, stderr } = await ovadex.start('sync', '--all', '--full', '--json');
    if (code !== 0 && pass === PASSES - 1) throw new Error(`the last sync ended with ${code}: ${stderr}`);
  }
  const index = await openIndex(place, { readonly: true });
  try {
    for (const user of storage.users) {
      const [stored, shown] = [storage.images(user), await pathsOf(index, user)];
      const wrong = [...new Set([...stored, ...shown])].filter((path) => stored.has(path) !== shown.has(path));
      if (wrong.length > 0) throw new Error(`in the end the list of ${user} is wrong in ${JSON.stringify(wrong)}`);
    }
  } finally {
    await index.close();
  }
  const { findings } = createIndexFile(place).check();
  if (findings.length > 0) throw new Error(`in the end the index is damaged: ${JSON.stringify(findings)}`);
}
