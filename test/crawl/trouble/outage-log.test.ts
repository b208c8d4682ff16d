import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createCrawlTally } from '../../../src/crawl/crawl-metrics.js';
import { startCrawlDaemon } from '../../../src/crawl/daemon.js';
import type { AskMaintenance } from '../../../src/crawl/spaces/hosts.js';
import { failedListing, type ListingFailure } from '../../../src/domain/model/listing.js';
import type { DiscoverySettings, SpaceSettings } from '../../../src/domain/model/space.js';
import type { Sleep } from '../../../src/domain/ports/clock.js';
import type { RemoteStore } from '../../../src/domain/ports/remote-store.js';
import { passFakeTime, useFakeTime, useRealTime } from '../../support/fake-time.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { createMemoryStorage } from '../../support/memory-store.js';
import { sizeOf } from '../../support/thorough.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Date.UTC(2026, 4, 1, 12, 0, 0);

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly host?: string;
  readonly user?: string;
}

/** By the fake clock. */
const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });

/** A daemon's crawl of these spaces, every quarter of an hour, on hosts that fail as they are told to. */
async function crawl(
  spaces: readonly SpaceSettings[],
  discoveries: readonly DiscoverySettings[] = [],
  folders: readonly string[] = [],
  isInMaintenance?: AskMaintenance,
) {
  const clock = () => Date.now();
  const index = createMemoryIndex(clock);
  const disk = createMemoryStorage();
  disk.put('x.ova');
  for (const folder of folders) disk.mkdir(folder);
  const failing = new Map<string, ListingFailure>();
  const requests = new Map<string, number>();
  const open = ({ url }: Pick<SpaceSettings, 'url'>): RemoteStore => {
    const { origin } = new URL(url);
    const failureOf = () => failing.get(url) ?? failing.get(origin);
    const count = () => requests.set(origin, (requests.get(origin) ?? 0) + 1);
    return {
      async list(collection, signal) {
        count();
        const failure = failureOf();
        return failure === undefined
          ? await disk.list(collection, signal)
          : failedListing(collection, failure, `PROPFIND ${url}: it failed`, 1);
      },
      async probe(collection, signal) {
        count();
        const failure = failureOf();
        const probe = await disk.probe(collection, signal);
        return failure === undefined
          ? probe
          : { ...probe, presence: 'unknown', failure, detail: `PROPFIND ${url}: it failed` };
      },
      search: (signal) => disk.search(signal),
      close: async () => undefined,
    };
  };
  const lines: Line[] = [];
  const levels = { level: (label: string) => ({ level: label }) };
  const logger = pino(
    { level: 'info', formatters: levels },
    {
      write: (line: string) => void lines.push(JSON.parse(line) as Line),
    },
  );
  const daemon = await startCrawlDaemon({
    spaces,
    discoveries,
    limits: {
      schedule: '*/15 * * * *',
      fullSchedule: '0 3 * * *',
      poll: null,
      timeZone: 'UTC',
      spacesAtOnce: 4,
      requestsPerSpace: 8,
      maxDepth: 64,
      search: 'off',
    },
    isExcluded: () => false,
    rules: 'rules',
    storage: { open, childUrl: (url, name) => `${url}${name}/` },
    ...(isInMaintenance === undefined ? {} : { isInMaintenance }),
    catalogue: index.catalogue,
    index: index.index,
    registry: index.spaces,
    log: index.syncs,
    tally: createCrawlTally(),
    owner: 'test',
    clock,
    sleep,
    logger,
  });
  onTestFinished(async () => {
    useRealTime();
    await daemon.stop();
  });
  const known = async () => (await index.catalogue.listSpaces()).spaces;
  const states = async () => {
    const troubles = (await known()).map(({ trouble }) => trouble?.kind ?? 'none');
    return { failed: troubles.filter((kind) => kind === 'failed').length, all: troubles.length };
  };
  const about = (pattern: RegExp) => lines.map(({ msg }) => msg).filter((msg) => pattern.test(msg));
  return { daemon, failing, requests, lines, pass: passFakeTime, states, spaces: known, about };
}

const spaceOf = (user: string, origin: string): SpaceSettings => ({
  user,
  url: `${origin}/${user}/`,
  auth: { type: 'none' },
  watchDirectory: null,
});
const spacesAt = (origin: string, count: number, prefix = 'user') =>
  Array.from({ length: count }, (_, n) => spaceOf(`${prefix}${n}`, origin));

const GOOD = 'https://dav.example.org';
const BAD = 'https://old.example.org';

describe('the log of an outage', { timeout: 240_000 }, () => {
  beforeEach(() => {
    useFakeTime(START);
  });
  afterEach(() => {
    useRealTime();
  });

  const [FEW, MANY, REFUSED] = [sizeOf(50, 10), sizeOf(210, 60), sizeOf(100, 30)];
  const LONG = sizeOf(2 * HOUR, HOUR);
  it(`of an hour, of ${MANY} of ${FEW + MANY} spaces, has under 200 lines, and one request a minute goes to the host`, async () => {
    const scene = await crawl([...spacesAt(GOOD, FEW), ...spacesAt(BAD, MANY, 'old')]);
    scene.failing.set(BAD, 'unreachable');
    await scene.pass(HOUR);
    expect(await scene.states()).toEqual({ failed: MANY, all: FEW + MANY });
    expect(
      scene
        .about(/^https:\/\/old\.example\.org: no answer since 2026-05-01T12:\S+, \d+ spaces wait/)
        .map((line) => line.includes(` ${MANY} spaces wait`)),
    ).toEqual([true]);
    expect(scene.lines.length).toBeLessThan(200);
    expect(scene.requests.get(BAD)).toBeLessThan(75);

    scene.failing.clear();
    await scene.pass(10 * MINUTE);
    expect(scene.about(/^https:\/\/old\.example\.org: answers again after 1 h( \d min)?$/)).toHaveLength(1);
    expect(await scene.states()).toEqual({ failed: 0, all: FEW + MANY });
    expect(scene.lines.length).toBeLessThan(200);
  });

  it('of many hosts names some, counts the others, and so does their return', async () => {
    const hosts = Array.from({ length: 60 }, (_, n) => `https://dav${n}.example.org`);
    const scene = await crawl(hosts.map((origin, n) => spaceOf(`user${n}`, origin)));
    await scene.pass(20 * MINUTE);
    const before = scene.lines.length;
    for (const host of hosts) scene.failing.set(host, 'timeout');
    await scene.pass(HOUR);
    expect(scene.about(/no answer since/).length).toBeGreaterThanOrEqual(20);
    expect(scene.about(/no answer since .*\(\d+ more lines like this one\)/).length).toBeGreaterThanOrEqual(1);
    expect((await scene.states()).failed).toBe(60);
    scene.failing.clear();
    await scene.pass(20 * MINUTE);
    expect((await scene.states()).failed).toBe(0);
    expect(scene.lines.length - before).toBeLessThan(200);
  });

  it('of a host that comes and goes has under 200 lines an hour, too', async () => {
    const scene = await crawl([...spacesAt(GOOD, 20), ...spacesAt(BAD, 60, 'old')]);
    for (let minute = 0; minute < 60; minute++) {
      if (minute % 2 === 0) scene.failing.set(BAD, 'unreachable');
      else scene.failing.clear();
      await scene.pass(MINUTE);
    }
    expect(scene.lines.length).toBeLessThan(200);
    scene.failing.clear();
    await scene.pass(20 * MINUTE);
    expect(await scene.states()).toEqual({ failed: 0, all: 80 });
  });

  it('of one space alone tells of that space when it begins and when it is over, and disturbs no other', async () => {
    const scene = await crawl(spacesAt(GOOD, 20));
    await scene.pass(20 * MINUTE);
    const before = scene.lines.length;
    scene.failing.set(`${GOOD}/user7/`, 'unreachable');
    await scene.pass(LONG);
    expect(scene.lines.slice(before)).toMatchObject([{ user: 'user7', msg: 'sync failed; the list stays as it was' }]);
    expect(await scene.states()).toEqual({ failed: 1, all: 20 });
    scene.failing.clear();
    await scene.pass(20 * MINUTE);
    expect(scene.lines.slice(before + 1)).toMatchObject([{ user: 'user7', msg: 'the space is working again' }]);
  });

  it('of a host that refuses everything for load is one, and one request a minute goes there', async () => {
    const scene = await crawl([...spacesAt(GOOD, FEW), ...spacesAt(BAD, REFUSED, 'old')]);
    scene.failing.set(BAD, 'busy');
    await scene.pass(HOUR);
    expect(
      scene
        .about(/^https:\/\/old\.example\.org: every request refused since \S+, \d+ spaces wait; their lists/)
        .map((line) => line.includes(` ${REFUSED} spaces wait`)),
    ).toEqual([true]);
    expect(scene.requests.get(BAD)).toBeLessThan(75);
    scene.failing.clear();
    await scene.pass(10 * MINUTE);
    expect(scene.about(/answers again after 1 h/)).toHaveLength(1);
    expect(await scene.states()).toEqual({ failed: 0, all: FEW + REFUSED });
  });

  it('of a server in maintenance mode is one at its first answer, and its status is asked for once a minute', async () => {
    const status = { isInMaintenance: true as boolean | null, asked: 0 };
    const scene = await crawl([...spacesAt(GOOD, FEW), ...spacesAt(BAD, REFUSED, 'old')], [], [], async () => {
      status.asked++;
      return status.isInMaintenance;
    });
    await scene.pass(MINUTE);
    const before = scene.requests.get(BAD) ?? 0;
    scene.failing.set(BAD, 'maintenance');
    await scene.pass(HOUR);
    expect(
      scene
        .about(/old\.example\.org: in maintenance mode since \S+, \d+ spaces wait/)
        .map((line) => line.includes(` ${REFUSED} spaces wait`)),
    ).toEqual([true]);
    expect((scene.requests.get(BAD) ?? 0) - before).toBeLessThanOrEqual(4);
    expect(status.asked).toBeGreaterThan(40);
    expect(status.asked).toBeLessThanOrEqual(60);
    const [{ trouble } = { trouble: null }] = (await scene.spaces()).filter(({ url }) => url.startsWith(BAD));
    expect(trouble?.message).toMatch(/old\.example\.org has been in maintenance mode since \S+ and is asked once/);

    status.isInMaintenance = false;
    scene.failing.clear();
    await scene.pass(3 * MINUTE);
    expect(scene.about(/old\.example\.org: answers again after/)).toHaveLength(1);
    expect(await scene.states()).toEqual({ failed: 0, all: FEW + REFUSED });
  });

  it('of a server in maintenance mode that has no such status is over once its spaces are answered', async () => {
    const scene = await crawl(spacesAt(BAD, 3), [], [], async () => null);
    scene.failing.set(BAD, 'maintenance');
    await scene.pass(30 * MINUTE);
    expect((await scene.states()).failed).toBe(3);
    scene.failing.clear();
    await scene.pass(2 * MINUTE);
    expect(await scene.states()).toEqual({ failed: 0, all: 3 });
  });

  it('of a server in maintenance mode is one, whatever file each of its spaces has a token from', async () => {
    const spaces = spacesAt(BAD, REFUSED, 'old').map((space) => ({
      ...space,
      auth: { type: 'bearer', tokenFile: `/etc/ovadex/${space.user}`, tokenVersion: '1' } as const,
    }));
    const scene = await crawl(spaces);
    scene.failing.set(BAD, 'maintenance');
    await scene.pass(HOUR);
    expect(
      scene
        .about(/in maintenance mode since \S+, \d+ spaces wait/)
        .map((line) => line.includes(` ${REFUSED} spaces wait`)),
    ).toEqual([true]);
    expect(scene.requests.get(BAD)).toBeLessThan(75);
  });

  it.each<ListingFailure>(['status', 'forbidden'])(
    'of spaces that are answered, each by %s, has under 200 lines an hour',
    async (failure) => {
      const scene = await crawl([...spacesAt(GOOD, 10), ...spacesAt(BAD, REFUSED, 'old')]);
      scene.failing.set(BAD, failure);
      await scene.pass(HOUR);
      expect(scene.about(/no answer since/)).toEqual([]);
      expect(scene.lines.length).toBeLessThan(200);
      expect(scene.requests.get(BAD)).toBeGreaterThan(3 * REFUSED);
    },
  );

  it('tells of refused credentials once, again after they were changed, and when they are good', async () => {
    const auth = (password: string) => ({ type: 'basic', username: 'svc', password }) as const;
    const space = { ...spaceOf('jm', GOOD), auth: auth('a') };
    const scene = await crawl([space]);
    await scene.pass(MINUTE);
    scene.failing.set(GOOD, 'unauthorized');
    await scene.daemon.update({ spaces: [{ ...space, auth: auth('b') }], discoveries: [] });
    await scene.pass(2 * HOUR);
    expect(scene.about(/the space is suspended/)).toHaveLength(1);
    await scene.daemon.update({ spaces: [{ ...space, auth: auth('c') }], discoveries: [] });
    await scene.pass(MINUTE);
    expect(scene.about(/the space is suspended/)).toHaveLength(2);
    scene.failing.clear();
    await scene.daemon.update({ spaces: [{ ...space, auth: auth('d') }], discoveries: [] });
    await scene.pass(MINUTE);
    expect(scene.about(/working again/)).toHaveLength(1);
  });

  const DISCOVERY: DiscoverySettings = { url: `${BAD}/`, auth: { type: 'none' } };

  it.each<ListingFailure>(['unreachable', 'timeout', 'status'])(
    'of a discovery that nobody is known of has a line when it begins and one when it is over: %s',
    async (failure) => {
      const scene = await crawl([], [DISCOVERY]);
      await scene.pass(20 * MINUTE);
      const before = scene.lines.length;
      scene.failing.set(BAD, failure);
      await scene.pass(LONG);
      expect(scene.lines.slice(before)).toMatchObject([{ msg: 'discovery failed; the known spaces stay' }]);
      scene.failing.clear();
      await scene.pass(20 * MINUTE);
      expect(scene.lines.slice(before + 1)).toMatchObject([{ msg: 'discovery works again' }]);
    },
  );

  it('of a discovery on a host that is down is told by the line of that host', async () => {
    const spaces = spacesAt(BAD, 20);
    const folders = spaces.map(({ user }) => user);
    const scene = await crawl(spaces, [DISCOVERY], folders);
    await scene.pass(MINUTE);
    const before = scene.lines.length;
    scene.failing.set(BAD, 'unreachable');
    await scene.pass(2 * HOUR);
    expect(scene.lines.slice(before)).toMatchObject([
      { msg: expect.stringMatching(/no answer since.*20 spaces wait/) },
    ]);
    scene.failing.clear();
    await scene.pass(20 * MINUTE);
    expect(scene.lines.slice(before + 1)).toMatchObject([
      { msg: expect.stringMatching(/answers again after 1 h 4\d min/) },
    ]);
  });
});
