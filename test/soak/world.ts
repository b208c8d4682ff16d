import { setImmediate } from 'node:timers/promises';
import type { DavLoad } from '../support/dav-server/load.js';
import type { DavRequest } from '../support/dav-server/request.js';
import { type Chance, createChance } from './chance.js';
import type { Snapshot } from './check/segment.js';
import { createPathVerifier } from './check/verify-paths.js';
import { createWitness, type Witness } from './check/witness.js';
import { type CrawlerProcess, startProcess } from './crawler-process.js';
import type { FakeTime } from './fake-time.js';
import type { Change, History } from './history.js';
import { createReader, type Reader } from './reader.js';
import type { Hosts, Setting } from './setting.js';
import { ACCOUNT, createStorage, credentialsOf, type Storage } from './storage.js';
import { countFault, kindOfFault, type Tally } from './tally.js';

/** Everything that a history is played with. */
export interface World {
  readonly history: History;
  readonly setting: Setting;
  readonly hosts: Hosts | null;
  readonly tally: Tally;
  readonly time: FakeTime;
  readonly storage: Storage;
  readonly witness: Witness;
  readonly reader: Reader;
  readonly chance: Chance;
  /** Whether nothing but armed faults can go wrong: the right password, no maintenance, no silence to wait for. */
  readonly isCalm: boolean;
  /** Whether a silent server is to be waited for only shortly. */
  readonly isImpatient: boolean;
  /** Runs at each PROPFIND, before it is answered. */
  onPropfind: () => Promise<void>;
  /** The process that syncs; a new one where the last is dead. */
  process(): Promise<CrawlerProcess>;
  /** Another one on the same index, which lives beside it. */
  rival(): Promise<CrawlerProcess>;
  /** Clears away what a kill left. */
  bury(): Promise<void>;
  restart(): Promise<void>;
  /** Its URL changes, and perhaps all that is there. */
  moveSpace(other: readonly Change[] | null): Promise<void>;
  /** Sets a clock on the wall. */
  jump(ms: number): void;
  /** No sync has come to its end since the URL changed. */
  isUrlNew: boolean;
  /** No sync since has found all in order. */
  isUrlDoubtful: boolean;
  admin(work: (process: CrawlerProcess) => Promise<unknown>): Promise<void>;
  forgetTombstones(): Promise<void>;
  expectStalls(doExpect: boolean): void;
  maintain(ms: number): void;
  readonly load: DavLoad | null;
  setLoad(load: DavLoad | null): void;
  /** The storage's version when its host became busy; null where it isn't, or where more is wrong. */
  readonly loadedAt: number | null;
  setPassword(password: string): void;
  snapshot(): Promise<Snapshot>;
  /** Waits for what a sync that has ended had sent and gave up: the server may see it only now. */
  settle(): Promise<void>;
  /** What always holds: readers see whole commits, and what they see leads back. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** No tree that is drawn is as deep. */
export const NO_LIMIT = 20;

export interface PlayOptions {
  /** It is closed in the end. */
  readonly setting: Setting;
  /** Counts along. */
  readonly tally: Tally;
}

/** A tombstone is kept for so long by the daemon. */
const TOMBSTONE_MS = 30 * 86_400_000;

/** Turns of the event loop; a request that is open longer than that is a stalled one. */
const MAX_ROUNDS = 1_000;

export async function openWorld(history: History, { setting, tally }: PlayOptions): Promise<World> {
  const { server, crawl } = history;
  const { time, host, hosts } = setting;
  const chance = createChance(history.seed + 1_000_003);
  const witness = createWitness();
  let basePath = server.basePath;
  let load: DavLoad | null = null;
  let loadedAt: number | null = null;
  let maintenanceUntil: number | null = null;
  const again: <T>(work: () => Promise<T>) => Promise<T> = hosts?.again ?? ((work) => work());
  let isPasswordRight = true;
  let areStallsExpected = false;
  let processes = 0;
  let current: CrawlerProcess | null = null;
  let other: CrawlerProcess | null = null;

  const endMaintenance = () => {
    if (maintenanceUntil === null || time.steady() < maintenanceUntil) return;
    maintenanceUntil = null;
    storage.site.setMaintenance(false);
  };
  const onRequest = async (request: DavRequest) => {
    tally.requests++;
    if (request.method === 'SEARCH') {
      await time.pass(chance.int(0, crawl.latencyMs));
      const searchFault = storage.noteSearch();
      witness.noteSearch(searchFault.status === 401);
      tally.searches++;
      for (const kind of Object.keys(searchFault)) countFault(tally, `search: ${kind}`);
    }
    if (request.method !== 'PROPFIND') return;
    witness.hear(request);
    const { onPropfind } = world;
    await time.pass(chance.int(0, crawl.latencyMs));
    endMaintenance();
    await onPropfind();
  };
  const storage = createStorage({
    plan: server,
    maxDepth: crawl.maxDepth,
    clock: () => time.steady() + server.skewMs,
    random: chance.random,
    onRequest,
    onAnswer(answered) {
      const members = storage.site.tree.find(answered.path)?.children?.size ?? 0;
      const said = witness.note(answered, members, time.steady() + server.skewMs);
      storage.note(said.worth);
      if (said.depth === '1') storage.noteListed(said.path);
      if (Object.keys(said.fault).length > 0) countFault(tally, kindOfFault(said.fault));
    },
  });
  storage.apply(history.tree, 'openly');
  host.serve(storage.site);

  const start = () =>
    startProcess({
      owner: `process ${++processes} of ${setting.user}`,
      setting,
      url: `${host.origin}${basePath}`,
      auth: credentialsOf(server),
      plan: crawl,
      random: chance.random,
      isExcluded: storage.isExcluded,
      rules: storage.rules(),
    });
  current = await start();
  const reader = createReader(await setting.openReader(), setting.user);
  let verifier = createPathVerifier(`${host.origin}${basePath}`, storage);
  setting.onForgotten.add(reader.forgetIds);
  await reader.look();

  const world: World = {
    history,
    setting,
    hosts,
    tally,
    time,
    storage,
    witness,
    reader,
    chance,
    get isCalm() {
      return isPasswordRight && maintenanceUntil === null && !areStallsExpected && load === null;
    },
    get isImpatient() {
      return areStallsExpected;
    },
    onPropfind: async () => undefined,
    async process() {
      current ??= await start();
      return current;
    },
    async rival() {
      other ??= await start();
      return other;
    },
    async bury() {
      tally.kills++;
      await current?.close();
      current = null;
    },
    async restart() {
      await current?.close();
      await other?.close();
      other = null;
      current = await start();
    },
    jump: setting.jump,
    isUrlNew: false,
    isUrlDoubtful: false,
    get loadedAt() {
      return loadedAt;
    },
    async moveSpace(other) {
      // There and back again, one folder deeper.
      basePath = basePath === server.basePath ? `${server.basePath}moved/` : server.basePath;
      storage.moveTo(basePath, other);
      verifier.close();
      verifier = createPathVerifier(`${host.origin}${basePath}`, storage);
      await world.restart();
      world.isUrlNew = true;
      world.isUrlDoubtful = true;
    },
    get load() {
      return load;
    },
    setLoad(next) {
      loadedAt = next !== null && world.isCalm ? storage.version : null;
      load = next;
      storage.site.setLoad(next);
    },
    async admin(work) {
      const process = await world.process();
      await again(() => work(process));
    },
    async forgetTombstones() {
      const { index } = await world.process();
      await again(() => index.maintenance.forgetMissing(time.now() - TOMBSTONE_MS, new AbortController().signal));
      for (const tell of setting.onForgotten) tell();
    },
    expectStalls(doExpect) {
      areStallsExpected = doExpect;
    },
    maintain(ms) {
      maintenanceUntil = time.steady() + ms;
      storage.site.setMaintenance(true);
    },
    setPassword(password) {
      isPasswordRight = password === ACCOUNT.password;
      if (server.auth !== 'none') storage.site.setAccounts([{ ...ACCOUNT, password }]);
    },
    async settle() {
      for (let round = 0; round < 3 || (host.inFlight > 0 && round < MAX_ROUNDS); round++) await setImmediate();
    },
    async snapshot() {
      endMaintenance();
      return { ...(await reader.look()), known: await reader.known() };
    },
    async check() {
      const shown = await reader.look();
      await hosts?.ask();
      // Reading files is not what fails here.
      storage.site.setAccounts([]);
      storage.site.setMaintenance(false);
      await verifier.verify(shown);
      if (server.auth !== 'none') {
        storage.site.setAccounts([isPasswordRight ? ACCOUNT : { ...ACCOUNT, password: 'changed' }]);
      }
      storage.site.setMaintenance(maintenanceUntil !== null);
    },
    async close() {
      verifier.close();
      await reader.close();
      await current?.close();
      await other?.close();
      await setting.close();
    },
  };
  return world;
}
