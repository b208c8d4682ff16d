import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { type GeneratedServer, startGeneratedSpace } from '../crawl/generated-server.js';
import { answersPerSecond } from '../load.js';
import { measureRounds, median, ratioOfLeast, type Verdict } from '../ratios.js';
import { type MeasuredServer, startMeasured } from './measured-server.js';
import { ownMs } from './process-time.js';

export interface PostgresListOptions {
  /** Of the large space. */
  readonly images: number;
  readonly rounds: number;
  readonly secondsEach: number;
  readonly warmUpSeconds: number;
  readonly onProgress: (text: string) => void;
}

interface Case {
  readonly name: string;
  readonly meaning: string;
  readonly user: string;
  readonly target: number;
  /** As in `LoadOptions`; null: none asks the database. */
  readonly changing: string | null;
  /** Whether the database is asked for each answer: else hosts have nothing in common. */
  readonly isOfDatabase: boolean;
}

/** What an answer takes of the processor, in ms: on the host, and in the database. */
interface Cost {
  readonly host: number;
  readonly database: number;
  /** How much of the processor they took meanwhile, in cores. */
  readonly cores: number;
}

interface Daemon {
  readonly url: string;
  readonly pid: number | undefined;
  token(user: string): Promise<string>;
}

/** What is compared. */
interface Sides {
  readonly file: Daemon;
  readonly first: Daemon;
  readonly server: MeasuredServer;
  /** Starts further hosts; as each of them asks the database now and then, there are none before. */
  startOthers(): Promise<readonly Daemon[]>;
}

const SMALL = 500;
const CASES: readonly Case[] = [
  {
    name: 'prepared',
    meaning: `the list of ${SMALL} images`,
    user: 'small',
    target: 0.95,
    changing: null,
    isOfDatabase: false,
  },
  {
    name: 'filtered',
    meaning: `a filter and an order that change at every call, over ${SMALL} images`,
    user: 'small',
    target: 0.5,
    changing: 'sort=updated_on,desc',
    isOfDatabase: false,
  },
  {
    name: 'filtered page',
    meaning: 'the first page of a filter that changes at every call, with its total, over a large space',
    user: 'large',
    target: 0.5,
    changing: 'page%5Bsize%5D=50',
    isOfDatabase: true,
  },
];
/** Hosts over one database, to see whether they are in each other's way. */
const HOSTS = 3;
/** A database that works a tenth longer at an answer because other hosts ask as well is in the way of nobody. */
const TOGETHER = 0.9;
/** So often, and for so long, a host is asked to see what it takes by itself. */
const NOW_AND_THEN = { everyMs: 100, times: 30 };

/** The same questions to a daemon with SQLite, and to hosts with one database, by the processor time of an answer. */
export async function benchPostgresLists(options: PostgresListOptions): Promise<Verdict[]> {
  const { images, onProgress } = options;
  const cleanup = createCleanup();
  try {
    onProgress(`postgres lists: syncing spaces of ${SMALL} and ${images} images into both engines`);
    const storages = { small: await startStorage(SMALL, cleanup.add), large: await startStorage(images, cleanup.add) };
    const server = await startMeasured();
    cleanup.add(server.stop);
    const database = await server.createDatabase();
    const spaces = Object.entries(storages).map(([user, { url }]) => ({ user, url }));
    const install = async (url: string | null, isFirst: boolean): Promise<Daemon> => {
      const ovadex = await installOvadex();
      cleanup.add(ovadex.remove);
      const data = url === null ? {} : { data: { directory: `${ovadex.configFile}.data`, url } };
      ovadex.configure({ spaces, log: { level: 'warn' }, describe: { enabled: false }, ...data });
      if (isFirst) await ovadex.json('sync', '--all', '--full');
      return await serve(ovadex, cleanup.add);
    };
    const sides: Sides = {
      file: await install(null, true),
      first: await install(database, true),
      server,
      async startOthers() {
        const others: Daemon[] = [];
        while (others.length < HOSTS - 1) others.push(await install(database, false));
        return others;
      },
    };
    const verdicts: Verdict[] = [];
    for (const each of CASES) verdicts.push(...(await compare(each, sides, options)));
    return verdicts;
  } finally {
    await cleanup.run();
  }
}

async function startStorage(images: number, add: (stop: () => Promise<void>) => void): Promise<GeneratedServer> {
  const storage = await startGeneratedSpace();
  add(storage.stop);
  await storage.become({ collections: 0, images, shift: 0 });
  return storage;
}

async function serve(ovadex: Ovadex, add: (stop: () => Promise<void>) => void): Promise<Daemon> {
  const daemon = await ovadex.serve();
  add(daemon.stop);
  return { url: daemon.url, pid: daemon.pid, token: async (user) => (await ovadex.createToken(user)).token };
}

async function compare(
  { name, meaning, user, target, changing, isOfDatabase }: Case,
  { file, first, server, startOthers }: Sides,
  { rounds, secondsEach, warmUpSeconds, onProgress }: PostgresListOptions,
): Promise<Verdict[]> {
  const tokens = new Map<Daemon, string>();
  const headersFor = (daemon: Daemon) => ({ authorization: `Bearer ${tokens.get(daemon)}` });
  const load = async (daemon: Daemon, seconds: number) => {
    const asking = { url: `${daemon.url}v2/image`, headers: headersFor(daemon), seconds, changing };
    return seconds * (await answersPerSecond(asking));
  };
  /** Returns what these took of the processor while something was done, in ms, and for how long that went on. */
  const spent = async (daemons: readonly Daemon[], work: () => Promise<unknown>) => {
    const read = () => ({
      host: daemons.reduce((sum, { pid }) => sum + ownMs(pid), 0),
      database: server.processorMs(),
    });
    const before = read();
    const begun = performance.now();
    await work();
    const elapsed = performance.now() - begun;
    const after = read();
    return { host: after.host - before.host, database: after.database - before.database, elapsed };
  };
  /** All of these at once. */
  const cost = async (daemons: readonly Daemon[], seconds: number): Promise<Cost> => {
    let answers = 0;
    const { host, database, elapsed } = await spent(daemons, async () => {
      for (const each of await Promise.all(daemons.map((daemon) => load(daemon, seconds)))) answers += each;
    });
    if (answers === 0) throw new Error('the machine is too busy: nothing was answered');
    return { host: host / answers, database: database / answers, cores: (host + database) / elapsed };
  };
  /** Measures a side, and keeps it. */
  const note = async (into: Cost[], daemons: readonly Daemon[]) => {
    const each = await cost(daemons, secondsEach);
    into.push(each);
    return each;
  };
  const title = `postgres-lists, ${name}`;
  const tell =
    (what: string) =>
    (n: number, { ours, theirs }: { readonly ours: number; readonly theirs: number }) =>
      onProgress(`${what}: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`);
  const warmUp = async (daemon: Daemon) => {
    tokens.set(daemon, await daemon.token(user));
    await load(daemon, warmUpSeconds);
  };
  for (const daemon of [file, first]) await warmUp(daemon);
  const costs: Cost[] = [];
  const measured = await measureRounds(
    rounds,
    async () => {
      const each = await note(costs, [first]);
      return each.host + each.database;
    },
    // Nobody asks the database meanwhile.
    async () => (await cost([file], secondsEach)).host,
    tell(title),
  );
  const database = median(costs.map((each) => each.database));
  const host = median(costs.map((each) => each.host));
  const alone = {
    name: title,
    meaning: `processor time of an answer with SQLite / with PostgreSQL, the server's included, the least of each: ${meaning}`,
    ratio: ratioOfLeast(measured),
    ratios: measured.map(({ ours, theirs }) => theirs / ours),
    target,
  };
  const medians = `medians: SQLite ${microseconds(median(measured.map(({ theirs }) => theirs)))}; PostgreSQL ${microseconds(host)} on the host, ${microseconds(database)} in the database`;
  if (changing === null) {
    const standing = async (daemon: Daemon) => {
      const {
        host: own,
        database: its,
        elapsed,
      } = await spent([daemon], async () => {
        for (let n = 0; n < NOW_AND_THEN.times; n++) {
          await (await fetch(`${daemon.url}v2/image`, { headers: headersFor(daemon) })).arrayBuffer();
          await delay(NOW_AND_THEN.everyMs);
        }
      });
      return { own: ((1_000 * own) / elapsed).toFixed(0), its: ((1_000 * its) / elapsed).toFixed(0) };
    };
    const [ofFile, ofFirst] = [await standing(file), await standing(first)];
    const byItself = `asked every ${NOW_AND_THEN.everyMs} ms, in a second: SQLite ${ofFile.own} ms; PostgreSQL ${ofFirst.own} ms on the host, ${ofFirst.its} ms in the database`;
    return [{ ...alone, context: [medians, byItself] }];
  }
  const limit = `the database's own limit: ${Math.round(1_000 / database)} answers a second and core, of ${(host / database).toFixed(1)} cores of hosts`;
  if (!isOfDatabase) return [{ ...alone, context: [medians] }];
  const hosts = [first, ...(await startOthers())];
  for (const daemon of hosts) await warmUp(daemon);
  const [ones, all]: [Cost[], Cost[]] = [[], []];
  const together = await measureRounds(
    rounds,
    async () => (await note(all, hosts)).database,
    async () => (await note(ones, [first])).database,
    tell(`${title}, ${HOSTS} hosts`),
  );
  const coresOf = (each: readonly Cost[]) => median(each.map(({ cores }) => cores)).toFixed(2);
  return [
    {
      ...alone,
      context: [medians, limit],
    },
    {
      name: `${title}, ${HOSTS} hosts`,
      meaning: `the database's processor time of such an answer to one host / to one of ${HOSTS} that are asked at once: ${HOSTS} hosts with processors of their own answer so much of ${HOSTS} times as many, until the database's limit`,
      ratio: ratioOfLeast(together),
      ratios: together.map(({ ours, theirs }) => theirs / ours),
      target: TOGETHER,
      context: [
        `medians: ${microseconds(median(all.map((each) => each.host)))} on a host, ${microseconds(median(all.map((each) => each.database)))} in the database`,
        `hosts and database took ${coresOf(ones)} cores for one host, ${coresOf(all)} for ${HOSTS}, of ${availableParallelism()}, beside the load's`,
      ],
    },
  ];
}

function microseconds(ms: number): string {
  return `${Math.round(1_000 * ms)} µs`;
}
