import type { TokenStore } from '../../../src/domain/ports/token-store.js';
import { openDatabaseClock } from '../../../src/postgres/connection/database-clock.js';
import type { Truth } from '../../interop/postgres/hammer/truth.js';
import { portsOver } from '../../postgres/index-ports.js';
import { createCleanup } from '../../support/cleanup.js';
import type { DavHost } from '../../support/dav-server/dav-server.js';
import { type Chance, createChance } from '../chance.js';
import { type FakeTime, installFakeTime } from '../fake-time.js';
import type { Fuse } from '../fuse.js';
import type { Configured, HistoryIndex, Hosts, Setting } from '../setting.js';
import type { Tally } from '../tally.js';
import { type ApiHost, startApiHost } from './api-host.js';
import { type Client, createClient } from './client.js';
import { again, HOSTS, type SharedDatabase } from './database-scene.js';
import type { HostsHistory } from './history.js';
import { createActivity, openHostDatabase } from './host-database.js';
import { createTurns, type Turns } from './turns.js';

/** What one history of spaces is played on: for each a setting of its own, all over one database and one time. */
export interface Scene {
  readonly settings: readonly Setting[];
  readonly clients: readonly Client[];
  readonly turns: Turns;
  truth(): Promise<Truth>;
  breaks(): number;
  deaths(): number;
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly database: SharedDatabase;
  /** One for each space. */
  readonly storages: readonly DavHost[];
  readonly history: HostsHistory;
  readonly tally: Tally;
}

/** Hosts that answer. */
const APIS = 2;
/** Monotonic clocks begin whenever a machine is started. */
const LONGEST_UPTIME_MS = 10_000_000;

export async function openScene({ database, storages, history, tally }: SceneOptions): Promise<Scene> {
  const run = await database.begin();
  const chance = createChance(history.seed + 4_000_037);
  const cleanup = createCleanup();
  const activity = createActivity();
  const time = installFakeTime({ afterFire: activity.untilIdle, areOthersReal: true, isInSteps: true });
  cleanup.add(time.uninstall);
  const turns = createTurns(storages.length);
  const watching = portsOver(database.db, time.steady);
  const counts = { breaks: 0, breaking: 0, deaths: 0, processes: 0, apis: 0 };
  const startApi = () =>
    startApiHost({ url: database.url, name: `${HOSTS}api ${++counts.apis}`, run, clock: time.steady });
  const apis: ApiHost[] = Array.from({ length: APIS }, startApi);
  cleanup.add(() => Promise.all(apis.map((api) => api.kill())));

  const openWriter = async (fuse: Fuse, wall: () => number): Promise<HistoryIndex> => {
    const name = `${HOSTS}${++counts.processes}`;
    const host = openHostDatabase(database.url, name, { fuse, activity });
    const clock = await openClock(time, chance, wall);
    const ports = portsOver(host.db, () => {
      fuse.clock();
      return clock.now();
    });
    const { catalogue, index, spaces, syncs } = ports;
    return {
      ...{ catalogue, images: index, spaces, syncs },
      maintenance: ports.maintenance as HistoryIndex['maintenance'],
      async close() {
        await Promise.all([host.close(), clock.close()]);
        await database.untilGone(name);
      },
    };
  };

  const hostsFor = (client: Client): Hosts => ({
    get breaks() {
      // While some are being broken, whatever begins may be among them: nobody is told the same twice.
      if (counts.breaking > 0) counts.breaks++;
      return counts.breaks;
    },
    async breakConnections() {
      counts.breaks++;
      tally.breaks++;
      counts.breaking++;
      await database.breakConnections().finally(() => counts.breaking--);
      counts.breaks++;
    },
    async killApi() {
      counts.deaths++;
      tally.deaths++;
      const at = chance.int(0, APIS - 1);
      const [dead] = apis.splice(at, 1, startApi());
      await dead?.kill();
    },
    async revokeToken() {
      tally.revoked++;
      await client.revokeToken();
    },
    ask: client.ask,
    again,
  });

  const userOf = (at: number) => ['ada', 'bob'][at] ?? `user ${at}`;
  const places = storages.map((host, at) => ({ host, user: userOf(at) }));
  const configured = new Map(
    places.map(({ host, user }, at): [string, Configured] => {
      const basePath = history.spaces[at]?.server.basePath ?? '';
      return [user, { user, url: `${host.origin}${basePath}`, rules: '' }];
    }),
  );
  const clients = await Promise.all(
    places.map(({ user }) =>
      createClient({
        user,
        tokens: watching.tokens satisfies TokenStore,
        clock: time.steady,
        hosts: () => apis,
        places: APIS,
      }),
    ),
  );
  const onForgotten = new Set<() => void>();
  const settings = places.map(({ host, user }, at): Setting => {
    let aheadMs = 0;
    const client = clients[at];
    if (client === undefined) throw new Error('each space has a client');
    return {
      ...{ time, host, user, alone: turns.alone, together: turns.together, hosts: hostsFor(client), onForgotten },
      openWriter: (fuse) => openWriter(fuse, () => time.steady() + aheadMs),
      async openReader() {
        const { catalogue, index, spaces, syncs } = watching;
        const maintenance = watching.maintenance as HistoryIndex['maintenance'];
        return { ...{ catalogue, images: index, spaces, syncs, maintenance }, close: async () => undefined };
      },
      configure(own) {
        configured.set(user, own);
        const spaces = [...configured.values()];
        return { spaces, rules: spaces.map(({ rules }) => rules).join(' ') };
      },
      async others() {
        const { spaces: all } = await watching.catalogue.listSpaces();
        return all.filter((space) => space.user !== user).map(({ id }) => id);
      },
      jump(ms) {
        aheadMs += ms;
      },
      close: async () => undefined,
    };
  });
  return {
    ...{ settings, clients, turns, truth: database.truth },
    breaks: () => counts.breaks,
    deaths: () => counts.deaths,
    close: cleanup.run,
  };
}

/** Follows the time of the database, as each host does, by a clock that began at some other time. */
function openClock({ steady }: FakeTime, chance: Chance, wall: () => number) {
  const startedAt = steady() - chance.int(0, LONGEST_UPTIME_MS);
  return openDatabaseClock({
    ask: async () => steady(),
    monotonic: () => steady() - startedAt,
    wall,
    // It is as right as it can be from the first measurement on.
    sleep: (_ms, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
  });
}
