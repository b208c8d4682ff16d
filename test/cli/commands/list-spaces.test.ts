import { describe, expect, test } from 'vitest';
import { listSpaces } from '../../../src/cli/commands/list-spaces.js';
import type { SyncOutcome } from '../../../src/domain/model/sync.js';
import { captureIo } from '../captured-io.js';
import { NOW, spacesAfter } from '../spaces-scene.js';

const FOUR: Readonly<Record<string, Partial<SyncOutcome>>> = {
  jm: {},
  kim: { status: 'ERROR', errors: ['answered 503'] },
  lab: { heldRemovals: 40, heldReasons: ['40 of 41 images are gone'], warnings: ['held'] },
  zoe: { status: 'ERROR', errors: ['answered 401'], isUnauthorized: true },
};
const rowsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/));
const PROVEN = { names: 'moved', subtree: 'moved', mismatches: 0 } as const;
const usersIn = (text: string) => (JSON.parse(text) as { spaces: { user: string }[] }).spaces.map(({ user }) => user);

describe('ovadex spaces', () => {
  test('shows every space with its condition, and exits with "incomplete" where one has trouble', async () => {
    const { io, config, deps } = await spacesAfter(FOUR);
    expect(await listSpaces({ config }, io, deps)).toBe(75);
    const [head, ...lines] = rowsOf(io.out());
    expect(head).toEqual([
      'USER',
      'STATE',
      'IMAGES',
      'BAD',
      'HELD',
      'LINKED',
      'LOOK',
      'AGE',
      'LAG',
      'EVERY',
      'NEXT',
      'TROUBLE',
    ]);
    expect(lines.map((line) => [line[0], line[1], line.at(-1)])).toEqual([
      ['jm', 'fresh', '-'],
      ['kim', 'failing', 'answered 503'],
      ['lab', 'held', '40 removals held: 40 of 41 images are gone'],
      ['zoe', 'suspended', 'answered 401'],
    ]);
    expect(io.err()).toBe('4 spaces: 1 fresh, 1 failing, 1 held, 1 suspended\n');
  });

  test('exits with 0 where all is well', async () => {
    const { io, config, deps } = await spacesAfter({ jm: {} });
    expect(await listSpaces({ config, json: true }, io, deps)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({ spaces: [{ user: 'jm', state: 'fresh', last_error: null }] });
  });

  test('calls a sync due whose time has passed', async () => {
    const { ports, io, config, deps } = await spacesAfter({ jm: {}, kim: {} });
    await ports.spaces.fileDue(NOW); // the configuration has made them due
    await ports.spaces.schedule(
      'incremental',
      new Map([
        ['jm', NOW - 60_000],
        ['kim', NOW + 60_000],
      ]),
    );
    await listSpaces({ config }, io, deps);
    const [, ...lines] = rowsOf(io.out());
    expect(lines.map((line) => [line[0], line.at(-2)])).toEqual([
      ['jm', 'due'],
      ['kim', '60s'],
    ]);
  });

  test('shows how spaces are looked at, and how old their lists are', async () => {
    const { ports, io, config, deps } = await spacesAfter({ jm: {}, kim: { findings: PROVEN } });
    await ports.spaces.fileDue(NOW); // the configuration has made them due
    await ports.spaces.schedule('incremental', new Map([['kim', NOW + 900_000]]));
    const later = { ...deps, clock: () => NOW + 600_000 };
    await listSpaces({ config }, io, later);
    const [, ...lines] = rowsOf(io.out());
    expect(lines.map((line) => line.slice(6))).toEqual([
      ['walk', '10m', '2s', '-', '-', '-'],
      ['markers', '10m', '2s', '15m', '5m', '-'],
    ]);
    const json = captureIo();
    await listSpaces({ config, json: true }, json, later);
    expect(JSON.parse(json.out())).toMatchObject({
      spaces: [
        { user: 'jm', look: 'walk', pruning: 'learning', look_interval_seconds: null, is_linked: false },
        { user: 'kim', look: 'markers', pruning: 'subtree', look_interval_seconds: 900, age_seconds: 600 },
      ],
    });
  });

  test('shows how many images wait for being read, and how many do not deploy', async () => {
    const { ports, io, config, deps } = await spacesAfter({ jm: {}, kim: {} });
    const counted = { describedImages: 9, waitingImages: 5, incompleteImages: 3, brokenImages: 1 };
    const listSpacesOf = async () => {
      const listed = await ports.catalogue.listSpaces();
      return { ...listed, spaces: listed.spaces.map((each) => (each.user === 'kim' ? { ...each, ...counted } : each)) };
    };
    const openIfAny = async () => ({
      ...(await deps.openIfAny()),
      catalogue: { ...ports.catalogue, listSpaces: listSpacesOf },
    });
    await listSpaces({ config }, io, { ...deps, openIfAny });
    const [, ...lines] = rowsOf(io.out());
    expect(lines.map((line) => line[3])).toEqual(['-', '4']);
    expect(io.err()).toBe('2 spaces: 2 fresh\n9 images described, 5 waiting to be read, 3 incomplete, 1 broken\n');
    const json = captureIo();
    await listSpaces({ config, json: true, user: ['kim'] }, json, { ...deps, openIfAny });
    expect(JSON.parse(json.out())).toMatchObject({
      spaces: [{ described_images: 9, waiting_images: 5, incomplete_images: 3, broken_images: 1 }],
    });
  });

  test('fits into 80 columns, up to the trouble', async () => {
    const { io, config, deps } = await spacesAfter({ 'jm.doe42': { status: 'ERROR', isUnauthorized: true } });
    await listSpaces({ config }, io, { ...deps, clock: () => NOW + 119 * 86_400_000 });
    const [head = ''] = io.out().split('\n');
    expect(head.indexOf('TROUBLE')).toBeLessThanOrEqual(80);
  });

  test.each([
    [{ state: ['failing,held'] }, ['kim', 'lab'], 75],
    [{ state: ['Suspended', 'fresh'] }, ['jm', 'zoe'], 75],
    [{ state: ['fresh'] }, ['jm'], 0],
    [{ state: ['stale'] }, [], 0],
    [{ user: ['zoe', 'jm'] }, ['jm', 'zoe'], 75],
    [{ user: ['jm', 'kim'], state: ['fresh'] }, ['jm'], 0],
    [{ sort: 'user,desc' }, ['zoe', 'lab', 'kim', 'jm'], 75],
  ])('lists what %o asks for', async (asked, users, code) => {
    const { io, config, deps } = await spacesAfter(FOUR);
    expect(await listSpaces({ config, json: true, ...asked }, io, deps)).toBe(code);
    expect(usersIn(io.out())).toEqual(users);
  });

  test('says of how many it lists a part', async () => {
    const { io, config, deps } = await spacesAfter(FOUR);
    await listSpaces({ config, state: ['held'] }, io, deps);
    expect(io.err()).toBe('4 spaces: 1 fresh, 1 failing, 1 held, 1 suspended; 1 listed\n');
  });

  test.each([
    [{ state: ['broken'] }, 'usage', /"broken" is not a state; use one or more of fresh, pending,/],
    [{ sort: 'colour' }, 'usage', /"colour" is not a sort field/],
    [{ user: ['nobody'] }, 'not-found', /no space of user "nobody"/],
  ])('refuses %o', async (asked, code, message) => {
    const { io, config, deps } = await spacesAfter(FOUR);
    const refused = listSpaces({ config, ...asked }, io, deps);
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  const CONFIGURED = `
data: { directory: x }
storage: { url: "http://127.0.0.1:9/{user}/" }
spaces: [{ user: jm }, { user: new }]`;

  test('lists what is configured and not synced yet as pending', async () => {
    const { io, config, deps } = await spacesAfter({ jm: {} }, CONFIGURED);
    expect(await listSpaces({ config, json: true }, io, deps)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({
      spaces: [
        { user: 'jm', state: 'fresh' },
        { user: 'new', url: 'http://127.0.0.1:9/new/', state: 'pending', last_sync_on: null, next_sync_on: null },
      ],
    });
  });

  test('does so before there is an index', async () => {
    const { io, config, deps } = await spacesAfter({}, CONFIGURED);
    expect(await listSpaces({ config }, io, { ...deps, openIfAny: async () => null })).toBe(0);
    const [, ...lines] = rowsOf(io.out());
    expect(lines.map(([user, state]) => [user, state])).toEqual([
      ['jm', 'pending'],
      ['new', 'pending'],
    ]);
    expect(io.err()).toBe('2 spaces: 2 pending\n');
  });

  test('says where there are none', async () => {
    const { io, config, deps } = await spacesAfter({});
    expect(await listSpaces({ config }, io, deps)).toBe(0);
    expect(io.out()).toBe('');
    expect(io.err()).toBe('0 spaces\n');
  });
});
