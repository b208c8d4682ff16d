import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openIndex } from '../../../src/app/open-index.js';
import { forgetDeparted } from '../../../src/cli/commands/forget-departed.js';
import { run } from '../../../src/cli/program.js';
import { configFolder } from '../../config/config-folder.js';
import { layEmptyIndex } from '../../sqlite/temporary-index.js';
import { captureIo } from '../captured-io.js';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 2, 2);

/** An index of four users; lab and kim have left 40 and 20 days ago, ann is back in the file alone. */
async function scene() {
  const folder = await configFolder({
    'ovadex.yaml':
      'data: { directory: data }\nstorage: { url: "http://h/{user}/" }\nspaces: [{ user: jm }, { user: ann }]\n',
  });
  const open = () => openIndex({ data: { directory: join(folder, 'data') } }, { clock: () => NOW });
  layEmptyIndex(join(folder, 'data'));
  const index = await open();
  const configure = (days: number, ...users: string[]) =>
    index.spaces.configure(
      users.map((user) => ({ user, url: `http://h/${user}/` })),
      'rules',
      NOW - days * DAY_MS,
    );
  await configure(90, 'jm', 'lab', 'kim', 'ann');
  await configure(40, 'jm', 'kim', 'ann');
  await configure(20, 'jm');
  await index.authority.issue({ user: 'kim', scopes: [], expiresAt: null });
  await index.close();
  const acts: unknown[] = [];
  const audit = async (_config: unknown, _io: unknown, act: string, details: { user?: unknown }) =>
    void acts.push([act, details.user]);
  const deps = { open, audit };
  const call = async (options: object) => {
    const io = captureIo();
    expect(await forgetDeparted({ config: join(folder, 'ovadex.yaml'), ...options }, io, deps)).toBe(0);
    return { out: io.out(), err: io.err() };
  };
  return { call, acts };
}

describe('ovadex forget --unconfigured', () => {
  test('lists who has left, when, and what is stored about them', async () => {
    const { call, acts } = await scene();
    const { out, err } = await call({ list: true });
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['USER', 'LEFT'],
      ['kim', '2026-02-10T00:00:00Z'],
      ['lab', '2026-01-21T00:00:00Z'],
      [''],
    ]);
    expect(err).toBe('2 users no longer configured\n');
    const { out: json } = await call({ list: true, json: true, older: '30d' });
    const lab = { user: 'lab', left_on: '2026-01-21T00:00:00Z', images: 0, collections: 0, tokens: 0 };
    expect(JSON.parse(json)).toEqual({ users: [lab] });
    expect(acts).toEqual([]);
  });

  test('forgets those who left long ago, then all, and takes each down', async () => {
    const { call, acts } = await scene();
    expect((await call({ older: '30d' })).out).toBe(
      '"lab" is forgotten: 0 images, 0 collections, 0 requests, 0 tokens\n',
    );
    const { out } = await call({ json: true });
    expect(JSON.parse(out)).toEqual({ users: [{ user: 'kim', images: 0, collections: 0, syncs: 0, tokens: 1 }] });
    expect(acts).toEqual([
      ['forget', 'lab'],
      ['forget', 'kim'],
    ]);
    expect((await call({})).err).toBe('0 users forgotten\n');
    expect((await call({ list: true })).out).toBe('');
  });

  test('refuses an age that is none', async () => {
    const { call } = await scene();
    await expect(call({ older: '30' })).rejects.toThrow('--older: "30" must be a number with a unit');
  });

  test.each([
    [[]],
    [['--user', 'a', '--unconfigured']],
    [['--user', 'a', '--list']],
    [['--user', 'a', '--older', '1d']],
  ])('wants one way to say who: %j', async (words) => {
    const io = captureIo();
    expect(await run(['forget', '--config', 'x', ...words], io)).toBe(2);
    expect(io.err()).toContain('forget: give either --user U, or --unconfigured or --list');
  });
});
