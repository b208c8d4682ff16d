import { fileURLToPath } from 'node:url';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { type GeneratedServer, startGeneratedSpace } from '../crawl/generated-server.js';
import { answersPerSecond } from '../load.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { milliseconds } from '../units.js';
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
  readonly script: string | null;
}

/** What an answer takes of the processor, in ms: on the host, and in the database. */
interface Cost {
  readonly host: number;
  readonly database: number;
}

interface Daemon {
  readonly url: string;
  readonly pid: number | undefined;
  token(user: string): Promise<string>;
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const SMALL = 500;
const CASES: readonly Case[] = [
  { name: 'prepared', meaning: `the list of ${SMALL} images`, user: 'small', target: 0.95, script: null },
  {
    name: 'filtered',
    meaning: `a filter and an order that change at every call, over ${SMALL} images`,
    user: 'small',
    target: 0.5,
    script: script('../list-load.lua'),
  },
  {
    name: 'filtered page',
    meaning: 'the first page of a filter that changes at every call, with its total, over a large space',
    user: 'large',
    target: 0.5,
    script: script('./list-load.lua'),
  },
];
/** Hosts over one database, to see whether they are in each other's way. */
const HOSTS = 3;

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
    const file = await install(null, true);
    const hosts: Daemon[] = [];
    for (let n = 0; n < HOSTS; n++) hosts.push(await install(database, n === 0));
    const verdicts: Verdict[] = [];
    for (const each of CASES) verdicts.push(await compare(each, { file, hosts, server }, options));
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
  { name, meaning, user, target, script: asked }: Case,
  {
    file,
    hosts,
    server,
  }: { readonly file: Daemon; readonly hosts: readonly Daemon[]; readonly server: MeasuredServer },
  { rounds, secondsEach, warmUpSeconds, onProgress }: PostgresListOptions,
): Promise<Verdict> {
  const tokens = new Map<Daemon, string>();
  for (const daemon of [file, ...hosts]) tokens.set(daemon, await daemon.token(user));
  const load = async (daemon: Daemon, seconds: number) => {
    const headers = { authorization: `Bearer ${tokens.get(daemon)}` };
    return seconds * (await answersPerSecond({ url: `${daemon.url}v2/image`, headers, seconds, script: asked }));
  };
  /** All of these at once. */
  const cost = async (daemons: readonly Daemon[], seconds: number): Promise<Cost> => {
    const read = () => ({
      host: daemons.reduce((sum, { pid }) => sum + ownMs(pid), 0),
      database: server.processorMs(),
    });
    const before = read();
    const answers = (await Promise.all(daemons.map((each) => load(each, seconds)))).reduce(
      (sum, each) => sum + each,
      0,
    );
    const after = read();
    return { host: (after.host - before.host) / answers, database: (after.database - before.database) / answers };
  };
  const [first] = hosts;
  if (first === undefined) throw new Error('there is no host');
  for (const daemon of [file, ...hosts]) await load(daemon, warmUpSeconds);
  const costs: Cost[] = [];
  const measured = await measureRounds(
    rounds,
    async () => {
      const each = await cost([first], secondsEach);
      costs.push(each);
      return each.host + each.database;
    },
    // Nobody asks the database meanwhile.
    async () => (await cost([file], secondsEach)).host,
    (n, { ours, theirs }) =>
      onProgress(`postgres lists, ${name}: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
  );
  const ratios = measured.map(({ ours, theirs }) => theirs / ours);
  const host = median(costs.map((each) => each.host));
  const database = median(costs.map((each) => each.database));
  const together = await cost(hosts, secondsEach);
  return {
    name: `postgres-lists, ${name}`,
    meaning: `processor time of an answer with SQLite / with PostgreSQL, the server's included: ${meaning}`,
    ratio: median(ratios),
    ratios,
    target,
    context: [
      `SQLite ${milliseconds(median(measured.map(({ theirs }) => theirs)))}; PostgreSQL ${milliseconds(host)} on the host, ${milliseconds(database)} in the database`,
      `the database's own limit: ${Math.round(1_000 / database)} answers a second and core, of ${(host / database).toFixed(1)} cores of hosts`,
      `${HOSTS} hosts at once: ${milliseconds(together.host)} on a host, ${milliseconds(together.database)} in the database`,
    ],
  };
}
