import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Index } from '../../src/app/open-index.js';
import type { Chance } from '../soak/chance.js';
import { COPY_CLIENTS, type RunningCopy, saveCopyClient, startCopy } from '../support/process/copy-clients.js';
import { type Follower, startFollower } from './follower.js';
import { type KeepingReceiver, type ReceiverTally, startKeepingReceiver, type ToldImage } from './receiver.js';

/** Who keeps copies of lists: a receiver of webhooks, followers of changes, and the programs of the documents. */
export interface Audience {
  /** For the configuration of the daemon. */
  readonly webhook: { readonly name: string; readonly url: string; readonly secret: string };
  /** Called with each message of a webhook before it is taken. */
  onMessage(call: () => void): void;
  /** Begins to follow, once there are tokens. */
  follow(tokens: ReadonlyMap<string, string>): void;
  /** Kills some of the programs, and starts them again. */
  disturb(): Promise<void>;
  /** Throws with the first thing that should not have been told. */
  check(): void;
  /**
   * Resolves once everybody has the list of each user; throws if somebody never has. `retry` has what waits for its next
   * try tried at once.
   */
  agree(index: Pick<Index, 'webhooks'>, retry: (webhook: string) => Promise<void>): Promise<void>;
  tally(): AudienceTally;
  close(): Promise<void>;
}

export interface AudienceTally extends ReceiverTally {
  /** Answers to followers of changes, and how often they had to begin anew. */
  changes: number;
  anew: number;
  /** Kills of programs that keep a copy. */
  clientKills: number;
}

const NAME = 'keeper';
const SECRET = 'a secret of the keeper, long enough';
const FOLLOWERS = 6;
/** So many of the programs are killed with each kill of the daemon. */
const DISTURBED = 0.2;
const LOOK_EVERY_MS = 200;
/** Messages of all users, and a program that has waited for the daemon for a minute; on a busy machine. */
const AGREED_WITHIN_MS = 300_000;

interface Client {
  readonly name: string;
  readonly user: string;
  readonly start: () => RunningCopy;
  running: RunningCopy;
  copy(): ReadonlyMap<number, ToldImage>;
}

/** Sets up an audience of the API at this address. */
export async function startAudience(base: string, chance: Chance): Promise<Audience> {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-audience-'));
  let tokens: ReadonlyMap<string, string> = new Map();
  const list = async (user: string): Promise<readonly ToldImage[] | null> => {
    try {
      const headers = { Authorization: `Bearer ${tokens.get(user)}` };
      const response = await fetch(`${base}/v2/image`, { headers });
      return response.ok ? ((await response.json()) as { data: ToldImage[] }).data : null;
    } catch {
      return null; // nobody is there, or died in the middle of an answer
    }
  };
  const receiver: KeepingReceiver = await startKeepingReceiver(SECRET, list);
  const followers: Follower[] = [];
  const clients: Client[] = [];
  let clientKills = 0;

  const startClients = (users: readonly string[]) => {
    for (const [n, client] of COPY_CLIENTS.filter(({ missing }) => missing === null).entries()) {
      const [user = '', file] = [users[n], join(folder, `${client.fileName}.json`)];
      const program = saveCopyClient(client, folder);
      const env = { OVADEX: base, TOKEN: tokens.get(user) ?? '' };
      const start = () => startCopy(client, program, file, env);
      const copy = () => (existsSync(file) ? copyIn(readFileSync(file, 'utf8')) : new Map());
      clients.push({ name: client.language, user, start, running: start(), copy });
    }
  };
  const check = () => {
    const faults = [
      ...receiver.faults,
      ...followers.flatMap((each) => each.faults),
      ...clients.flatMap(({ name, running }) => (running.errors() === '' ? [] : [`${name}: ${running.errors()}`])),
    ];
    if (faults.length > 0) throw new Error(`${faults.length} faults, the first: ${faults[0]}`);
    for (const { copy } of clients) copy();
  };
  /** Who has another list than the API. */
  const wrong = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const user of tokens.keys()) {
      const wanted = contentOf((await list(user)) ?? []);
      const all = [
        ['the receiver', receiver.copies.get(user) ?? new Map()] as const,
        ...followers.filter((each) => each.user === user).map((each) => ['a follower', each.copy()] as const),
        ...clients.filter((each) => each.user === user).map((each) => [each.name, each.copy()] as const),
      ];
      for (const [who, copy] of all) if (contentOf([...copy.values()]) !== wanted) found.push(`${who} of ${user}`);
    }
    return found;
  };
  return {
    webhook: { name: NAME, url: receiver.url, secret: SECRET },
    onMessage(call) {
      receiver.onMessage = call;
    },
    follow(given) {
      tokens = given;
      const users = [...tokens.keys()];
      for (const user of users.slice(0, FOLLOWERS)) followers.push(startFollower(base, user, tokens.get(user) ?? ''));
      startClients(users.slice(FOLLOWERS));
    },
    async disturb() {
      for (const client of clients) {
        if (!chance.happens(DISTURBED)) continue;
        await client.running.kill();
        clientKills++;
        client.running = client.start();
      }
    },
    check,
    async agree(index, retry) {
      const deadline = Date.now() + AGREED_WITHIN_MS;
      const spacesBehind = async () => {
        const [overview] = await index.webhooks.overview([{ name: NAME, users: null, events: ['image.created'] }]);
        return overview?.behind ?? [];
      };
      // Nothing was refused for good, or for days.
      const dead = (await spacesBehind()).filter(({ tries }) => tries.state === 'dead');
      if (dead.length > 0) throw new Error(`${dead.length} users were given up, the first: ${dead[0]?.user}`);
      // What has failed five times in a row would wait for an hour.
      await retry(NAME);
      for (;;) {
        const behind = await spacesBehind();
        const differ =
          behind.length > 0 ? behind.map(({ user, tries }) => `${user} ${tries.lastError}`) : await wrong();
        check();
        if (differ.length === 0) return;
        if (Date.now() > deadline)
          throw new Error(`in the end ${differ.length} copies are wrong: ${differ.slice(0, 5)}`);
        await delay(LOOK_EVERY_MS);
      }
    },
    tally: () => ({
      ...receiver.tally,
      changes: followers.reduce((sum, { tally }) => sum + tally.answers, 0),
      anew: followers.reduce((sum, { tally }) => sum + tally.anew, 0),
      clientKills,
    }),
    async close() {
      await Promise.all([...followers.map((each) => each.stop()), ...clients.map(({ running }) => running.kill())]);
      await receiver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function copyIn(text: string): ReadonlyMap<number, ToldImage> {
  const { images } = JSON.parse(text) as { images: Record<string, ToldImage> };
  return new Map(Object.values(images).map((image) => [image.id, image]));
}

/** All that is told of images but their descriptors, which not everybody asks for. */
function contentOf(images: readonly ToldImage[]): string {
  const plain = images.map((image) => ({ ...image, ovf: undefined }));
  return JSON.stringify(plain.sort((a, b) => a.id - b.id));
}
