import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openIndex } from '../../../src/app/open-index.js';
import { why } from '../../../src/cli/commands/why.js';
import { configFolder } from '../../config/config-folder.js';
import { begin, commit, end, type IndexUnderTest, listing, RULES } from '../../contract/index-under-test.js';
import { layEmptyIndex } from '../../sqlite/temporary-index.js';
import { captureIo } from '../captured-io.js';

const NOW = Date.UTC(2026, 2, 2, 10);
const URL = 'http://dav.test/jm/';

/** An index with the images of jm at the root and in `a`; `closed` answered 403, `new` was not listed yet. */
async function scene() {
  const folder = await configFolder({
    'ovadex.yaml': `data: { directory: data }\nspaces: [{ user: jm, url: "${URL}" }, { user: late, url: "http://h/" }]\n`,
  });
  const open = () => openIndex({ data: { directory: join(folder, 'data') } }, { clock: () => NOW });
  layEmptyIndex(join(folder, 'data'));
  const index = await open();
  await index.spaces.configure([{ user: 'jm', url: URL }], RULES, NOW);
  const under = { ...index, index: index.images, clock: { now: NOW } } as unknown as IndexUnderTest;
  const first = await begin(under, 'jm');
  await commit(under, first.lease, listing('', ['x.ova', 'old.ova'], ['a', 'closed', 'new']));
  await commit(under, first.lease, listing('a', ['a/Café.ova']));
  await end(under, first.lease, {});
  const second = await begin(under, 'jm');
  await commit(under, second.lease, listing('', ['x.ova'], ['a', 'closed', 'new']));
  await end(under, second.lease, { warnings: ['/closed: 403 Forbidden'] });
  await index.close();
  return async (path: string, options: object = {}) => {
    const io = captureIo();
    const code = await why(path, { config: join(folder, 'ovadex.yaml'), user: 'jm', ...options }, io, open);
    return { code, out: io.out() };
  };
}

describe('ovadex why', () => {
  test('says in two or three lines what is so and what to do', async () => {
    const ask = await scene();
    expect(await ask('x.ova')).toEqual({ code: 0, out: 'x.ova: listed\n  it is listed\n' });
    const { out } = await ask('/closed/deep/y.ova');
    expect(out).toMatch(
      /^closed\/deep\/y\.ova: not listed\n {2}"closed" could not be listed.*403 Forbidden\n {2}-> give/,
    );
  });

  test.each([
    ['x.ova', 'listed'],
    ['/x.ova', 'listed'],
    [`${URL}a/Caf%C3%A9.ova`, 'listed'],
    ['old.ova', 'gone'],
    ['@eaDir/x.ova', 'excluded'],
    ['notes.txt', 'no-image'],
    ['closed/y.ova', 'folder-closed'],
    ['new/y.ova', 'folder-unlisted'],
    ['nowhere/y.ova', 'folder-unknown'],
    ['a/y.ova', 'not-there'],
  ])('finds the reason in the index: %s', async (path, reason) => {
    const ask = await scene();
    const { out } = await ask(path, { json: true });
    expect(JSON.parse(out)).toMatchObject({ user: 'jm', reason, listed: reason === 'listed' });
  });

  test('names an image that is called so but for its case or Unicode form', async () => {
    const ask = await scene();
    const { out } = await ask('a/CAFE\u0301.ova');
    expect(out).toContain('an image of that name is listed at "a/Café.ova"');
  });

  test('refuses users without a space and no path at all', async () => {
    const ask = await scene();
    await expect(ask('x.ova', { user: 'kim' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('it is not configured') as string,
    });
    await expect(ask('x.ova', { user: 'late' })).rejects.toThrow('by the first sync');
    await expect(ask('/')).rejects.toMatchObject({ code: 'usage' });
  });
});
