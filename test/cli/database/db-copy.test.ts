import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CopiedIndex, copyBetween } from '../../../src/app/copy/copy-between.js';
import { copyIndex, type DbCopyDeps } from '../../../src/cli/database/db-copy.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { configFolder } from '../../config/config-folder.js';
import { captureIo } from '../captured-io.js';

const URL_OF_DATABASE = 'postgres://ovadex@db.example.org/index';
const COPIED: CopiedIndex = {
  source: '/x/ovadex.db',
  target: URL_OF_DATABASE,
  rows: { spaces: 2, images: 1_200, tokens: 1 },
  isResumed: true,
  isFinished: true,
};

async function scene(copied: Partial<CopiedIndex> | Error = {}, { data = '{ directory: x }', isTTY = false } = {}) {
  const folder = await configFolder({ 'ovadex.yaml': `data: ${data}` });
  const io = captureIo({ isTTY });
  const acts: unknown[] = [];
  const asked: Parameters<typeof copyBetween>[] = [];
  const deps: DbCopyDeps = {
    audit: async (_config, _io, act, details, outcome = 'done') => void acts.push([act, details, outcome]),
    async copy(...asking) {
      asked.push(asking);
      asking[3].onProgress?.({ phase: 'put', table: 'images', rows: 2_000 });
      if (copied instanceof Error) throw copied;
      return { ...COPIED, ...copied };
    },
  };
  return { folder, io, deps, acts, asked, options: { config: join(folder, 'ovadex.yaml') } };
}

describe('ovadex db copy', () => {
  test('copies to a database, and tells what is the same', async () => {
    const { io, deps, acts, asked, options } = await scene();
    expect(await copyIndex({ ...options, to: URL_OF_DATABASE }, io, deps)).toBe(0);
    expect(io.out()).toBe(
      `/x/ovadex.db -> ${URL_OF_DATABASE}: 1,203 rows are the same (2 of spaces, 1,200 of images, 1 of tokens)\n`,
    );
    expect(io.err()).toBe('');
    expect(asked[0]?.[1]).toBe('to');
    expect(asked[0]?.[2]).toMatchObject({ host: 'db.example.org', name: 'index', user: 'ovadex', password: null });
    expect(acts).toEqual([['db copy', { to: URL_OF_DATABASE }, 'done']]);
  });

  test('encrypts what crosses a network, and reads the password from a file', async () => {
    const { folder, io, deps, asked, options } = await scene();
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'open sesame\n');
    await copyIndex({ ...options, from: URL_OF_DATABASE, passwordFile }, io, deps);
    await copyIndex({ ...options, from: 'postgres://me@127.0.0.1:5433/index' }, io, deps);
    const [first, second] = asked.map(([, direction, database]) => ({ direction, ...database }));
    expect(first).toMatchObject({ direction: 'from', password: { secret: 'open sesame' }, tls: { ca: null } });
    expect(second).toMatchObject({ port: 5433, tls: null, password: null });
  });

  test('takes the database of the configuration if there is no URL', async () => {
    const { io, deps, asked, options } = await scene(
      {},
      { data: `{ directory: x, url: "${URL_OF_DATABASE}", tls: off }` },
    );
    expect(await copyIndex({ ...options, to: true }, io, deps)).toBe(0);
    expect(asked[0]?.[2]).toMatchObject({ host: 'db.example.org', tls: null });
  });

  test('answers as JSON, and shows on a terminal how far it is', async () => {
    const { io, deps, options } = await scene({}, { isTTY: true });
    await copyIndex({ ...options, to: URL_OF_DATABASE, json: true }, io, deps);
    expect(JSON.parse(io.out())).toEqual({
      source: '/x/ovadex.db',
      target: URL_OF_DATABASE,
      resumed: true,
      finished: true,
      tables: [
        { name: 'spaces', rows: 2 },
        { name: 'images', rows: 1_200 },
        { name: 'tokens', rows: 1 },
      ],
    });
    expect(io.err()).toContain('copying: images, 2,000 rows');
  });

  test('says what to do if the source was in use, with 75', async () => {
    const { io, deps, acts, options } = await scene({ isFinished: false });
    expect(await copyIndex({ ...options, to: URL_OF_DATABASE }, io, deps)).toBe(75);
    expect(io.err()).toContain('run the same command once more');
    expect(acts).toEqual([['db copy', { to: URL_OF_DATABASE }, 'unfinished']]);
  });

  test('records what it could not do', async () => {
    const { io, deps, acts, options } = await scene(new OvadexError('conflict', 'there is an index already'));
    await expect(copyIndex({ ...options, from: URL_OF_DATABASE }, io, deps)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(acts).toEqual([['db copy', { from: URL_OF_DATABASE }, 'refused: conflict']]);
  });

  test.each([
    ['no direction', {}, 'either --to or --from'],
    ['two directions', { to: URL_OF_DATABASE, from: URL_OF_DATABASE }, 'either --to or --from'],
    ['no URL anywhere', { to: true as const }, 'has no data.url'],
    ['a password without a URL', { to: true as const, passwordFile: '/x' }, 'belongs to a URL'],
    ['a password in the URL', { to: 'postgres://me:hush@db/index' }, 'must contain no password'],
    ['no PostgreSQL', { to: 'mysql://me@db/index' }, 'must be a PostgreSQL URL'],
    ['no such file', { to: URL_OF_DATABASE, passwordFile: '/nowhere' }, 'there is no such file'],
  ])('refuses %s', async (_, given, words) => {
    const { io, deps, asked, options } = await scene();
    const refused = copyIndex({ ...options, ...given }, io, deps);
    await expect(refused).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(words) as string });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hush') as string });
    expect(asked).toEqual([]);
  });
});
