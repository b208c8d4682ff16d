import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { acceptRemovals, keepImages, listSpaces, resumeSpace } from '../../src/cli/spaces.js';
import { NO_FINDINGS } from '../../src/domain/markers.js';
import { NO_COUNTS, type SyncOutcome } from '../../src/domain/sync.js';
import { configFolder } from '../config/config-folder.js';
import { createMemoryIndex } from '../support/memory-index.js';
import { captureIo } from './captured-io.js';

const NOW = Date.UTC(2026, 2, 2, 10);
const GOOD: SyncOutcome = {
  status: 'PROCESSED',
  counts: NO_COUNTS,
  errors: [],
  warnings: [],
  isUnauthorized: false,
  heldRemovals: null,
  heldReasons: [],
  findings: NO_FINDINGS,
};

/** Spaces whose last syncs ended so. */
async function spacesAfter(outcomes: Readonly<Record<string, Partial<SyncOutcome>>>) {
  const ports = createMemoryIndex(() => NOW);
  const users = Object.keys(outcomes);
  await ports.spaces.configure(
    users.map((user) => ({ user, url: `http://127.0.0.1/${user}/` })),
    'rules',
    NOW,
  );
  for (const user of users) {
    const space = await ports.catalogue.space(user);
    const spaceId = space?.id ?? 0;
    await ports.syncs.request({ spaceId, mode: 'full', trigger: 'command', requestedBy: null, targets: [] });
    const claimed = await ports.syncs.claim({ owner: 'test', leaseMs: 30_000 });
    if (claimed === null) throw new Error('nothing to claim');
    await ports.syncs.finish(claimed.lease, { ...GOOD, ...outcomes[user] });
  }
  const folder = await configFolder({ 'ovadex.yaml': 'data: { directory: x }' });
  const io = captureIo();
  const config = join(folder, 'ovadex.yaml');
  const deps = {
    open: () => ({ catalogue: ports.catalogue, spaces: ports.spaces, close: () => {} }),
    clock: () => NOW,
    audit: () => {},
    intervalOf: () => 900_000,
  };
  return { ports, io, config, deps };
}

describe('ovadex spaces', () => {
  test('shows every space with its condition, and exits with "incomplete" where one has trouble', async () => {
    const { io, config, deps } = await spacesAfter({
      jm: {},
      kim: { status: 'ERROR', errors: ['answered 503'] },
      lab: { heldRemovals: 40, warnings: ['held'] },
      zoe: { status: 'ERROR', errors: ['answered 401'], isUnauthorized: true },
    });
    expect(await listSpaces({ config }, io, deps)).toBe(75);
    const lines = io
      .out()
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/));
    expect(lines[0]).toEqual([
      'USER',
      'STATE',
      'IMAGES',
      'COLLECTIONS',
      'HELD',
      'PRUNING',
      'LAST WHOLE SYNC',
      'NEXT',
      'TROUBLE',
    ]);
    expect(lines.slice(1).map(([user, state]) => [user, state])).toEqual([
      ['jm', 'fresh'],
      ['kim', 'failing'],
      ['lab', 'held'],
      ['zoe', 'suspended'],
    ]);
    expect(lines[2]?.at(-1)).toBe('answered 503');
  });

  test('exits with 0 where all is well', async () => {
    const { io, config, deps } = await spacesAfter({ jm: {} });
    expect(await listSpaces({ config, json: true }, io, deps)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({ spaces: [{ user: 'jm', state: 'fresh', last_error: null }] });
  });
});

describe('ovadex accept, keep and resume', () => {
  test('let held removals through, at once', async () => {
    const { ports, io, config, deps } = await spacesAfter({ lab: { heldRemovals: 40 } });
    expect(await acceptRemovals({ config, user: 'lab' }, io, deps)).toBe(0);
    expect((await ports.catalogue.space('lab'))?.nextSyncAt).toBeLessThanOrEqual(NOW);
  });

  test('keep them', async () => {
    const { ports, io, config, deps } = await spacesAfter({ lab: { heldRemovals: 40 } });
    expect(await keepImages({ config, user: 'lab' }, io, deps)).toBe(0);
    expect(io.out()).toContain('stays until the storage shows it again or it is accepted');
    expect((await ports.catalogue.space('lab'))?.isRemovalRefused).toBe(true);
    await expect(keepImages({ config, user: 'who' }, io, deps)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('try a suspended space again', async () => {
    const { ports, io, config, deps } = await spacesAfter({ zoe: { status: 'ERROR', isUnauthorized: true } });
    expect(await resumeSpace({ config, user: 'zoe' }, io, deps)).toBe(0);
    expect((await ports.catalogue.space('zoe'))?.trouble).toBeNull();
  });

  test('say why where there is nothing to do', async () => {
    const { io, config, deps } = await spacesAfter({ jm: {} });
    await expect(acceptRemovals({ config, user: 'jm' }, io, deps)).rejects.toThrow('no removal is held');
    await expect(keepImages({ config, user: 'jm' }, io, deps)).rejects.toThrow('no removal is held');
    await expect(resumeSpace({ config, user: 'jm' }, io, deps)).rejects.toThrow('not suspended');
    await expect(resumeSpace({ config, user: 'who' }, io, deps)).rejects.toMatchObject({ code: 'not-found' });
  });
});
