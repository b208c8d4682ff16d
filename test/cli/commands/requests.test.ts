import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forgetUser } from '../../../src/cli/commands/forget.js';
import { cancelRequest, listRequests, showRequest } from '../../../src/cli/commands/requests.js';
import type { Forgotten } from '../../../src/domain/model/audit.js';
import { configFolder } from '../../config/config-folder.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { captureIo } from '../captured-io.js';

const NOW = Date.UTC(2026, 2, 2, 10);

async function scene() {
  const ports = createMemoryIndex(() => NOW);
  const users = ['jm', 'lab'];
  const settings = users.map((user) => ({ user, url: `http://127.0.0.1/${user}/` }));
  for (const { id: spaceId } of await ports.spaces.configure(settings, 'rules', NOW)) {
    await ports.syncs.request({ spaceId, mode: 'full', trigger: 'request', requestedBy: 'root', targets: [] });
  }
  const folder = await configFolder({
    'ovadex.yaml': 'data: { directory: x }\nspaces: [{ user: jm, url: "http://127.0.0.1/jm/" }]',
  });
  const acts: unknown[] = [];
  const FORGOTTEN: Forgotten = { images: 2, collections: 1, syncs: 3, tokens: 1 };
  const deps = {
    open: async () => ({
      syncs: ports.syncs,
      forget: async (user: string) => (user === 'kim' ? FORGOTTEN : null),
      close: async () => {},
    }),
    clock: () => NOW,
    audit: async (_config: unknown, _io: unknown, act: string, details: object, outcome = 'done') =>
      void acts.push([act, details, outcome]),
  };
  return { config: join(folder, 'ovadex.yaml'), deps, acts, io: captureIo() };
}

describe('ovadex requests', () => {
  test('lists them, the newest first', async () => {
    const { config, deps, io } = await scene();
    expect(await listRequests({ config }, io, deps)).toBe(0);
    const rows = io
      .out()
      .trim()
      .split('\n')
      .map((line) => line.split(/\s{2,}/).map((cell) => cell.trim()));
    expect(rows.map((row) => row.filter((cell) => cell !== '').slice(0, 5))).toEqual([
      ['ID', 'USER', 'STATUS', 'MODE', 'BY'],
      ['2', 'lab', 'PENDING', 'full', 'root'],
      ['1', 'jm', 'PENDING', 'full', 'root'],
    ]);
  });

  test('keeps to a user, a status and a limit', async () => {
    const { config, deps } = await scene();
    const idsOf = async (options: object) => {
      const io = captureIo();
      await listRequests({ config, json: true, ...options }, io, deps);
      return (JSON.parse(io.out()) as { requests: { id: number }[] }).requests.map(({ id }) => id);
    };
    expect(await idsOf({ user: 'jm' })).toEqual([1]);
    expect(await idsOf({ status: ['error'] })).toEqual([]);
    expect(await idsOf({ limit: '1' })).toEqual([2]);
  });

  test('shows one, and cancels it, which is taken down', async () => {
    const { config, deps, io, acts } = await scene();
    expect(await showRequest('1', { config, json: true }, io, deps)).toBe(0);
    expect(JSON.parse(io.out())).toMatchObject({ id: 1, username: 'jm', status: 'PENDING', requested_by: 'root' });
    expect(await cancelRequest('1', { config }, captureIo(), deps)).toBe(0);
    expect(acts).toEqual([['cancel', { id: 1, user: 'jm' }, 'done']]);
    await expect(cancelRequest('1', { config }, captureIo(), deps)).rejects.toMatchObject({ code: 'conflict' });
    expect(acts.slice(1)).toEqual([['cancel', { id: 1 }, 'refused: conflict']]);
  });

  test('refuses what is none', async () => {
    const { config, deps, io } = await scene();
    await expect(showRequest('9', { config }, io, deps)).rejects.toMatchObject({ code: 'not-found' });
    await expect(showRequest('x', { config }, io, deps)).rejects.toMatchObject({ code: 'usage' });
    await expect(listRequests({ config, status: ['gone'] }, io, deps)).rejects.toThrow('use one of PENDING');
    await expect(listRequests({ config, limit: '0' }, io, deps)).rejects.toThrow('from 1 to 10000');
  });
});

describe('ovadex forget', () => {
  test('tells what was removed, and takes it down', async () => {
    const { config, deps, io, acts } = await scene();
    expect(await forgetUser({ config, user: 'kim' }, io, deps)).toBe(0);
    expect(io.out()).toBe('"kim" is forgotten: 2 images, 1 collection, 3 requests, 1 token\n');
    expect(acts).toEqual([['forget', { user: 'kim', images: 2, collections: 1, syncs: 3, tokens: 1 }, 'done']]);
  });

  test('refuses whoever is configured or unknown', async () => {
    const { config, deps, io, acts } = await scene();
    await expect(forgetUser({ config, user: 'jm' }, io, deps)).rejects.toMatchObject({ code: 'conflict' });
    await expect(forgetUser({ config, user: 'nobody' }, io, deps)).rejects.toMatchObject({ code: 'not-found' });
    expect(acts).toEqual([
      ['forget', { user: 'jm' }, 'refused: conflict'],
      ['forget', { user: 'nobody' }, 'refused: not-found'],
    ]);
  });
});
