import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  addLinkKey,
  dropOldLinkKeys,
  linkKeyPlace,
  loadLinkKeys,
  NO_LINK_KEYS,
  readLinkKeys,
} from '../../src/auth/link-keys.js';

async function keyPlace(content?: string, mode = 0o600) {
  const directory = await mkdtemp(join(tmpdir(), 'ovadex-link-key-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const place = linkKeyPlace(directory, null);
  if (content !== undefined) {
    await writeFile(place.file, content);
    await chmod(place.file, mode);
  }
  return { ...place, directory };
}

const LINE = 'A'.repeat(43);
const ABOUT = ['jm', 'https://cloud.example.org/', 'jm'];

describe('the keys of links', () => {
  it('are made once, for the owner alone, and found again', async () => {
    const place = await keyPlace();
    expect(await readLinkKeys(place)).toBeNull();
    const first = await loadLinkKeys(place);
    expect((await stat(place.file)).mode & 0o777).toBe(0o600);
    expect((await loadLinkKeys(place)).ids).toEqual(first.ids);
    expect(await readdir(place.directory)).toEqual(['link.key']);
  });

  it('are the same for processes that start together', async () => {
    const place = await keyPlace();
    const all = await Promise.all([1, 2, 3].map(() => loadLinkKeys(place)));
    expect(new Set(all.flatMap(({ ids }) => ids)).size).toBe(1);
  });

  it('open what they have sealed, and show nothing of it', async () => {
    const keys = await loadLinkKeys(await keyPlace());
    const sealed = keys.seal('app-password', ABOUT);
    expect(sealed.keyId).toBe(keys.ids[0]);
    expect(Buffer.from(sealed.sealed).includes('app-password')).toBe(false);
    expect(keys.open(sealed, ABOUT)).toBe('app-password');
    expect(keys.seal('app-password', ABOUT).sealed).not.toEqual(sealed.sealed);
  });

  it.each([
    ['another user', ['lab', ...ABOUT.slice(1)]],
    ['another storage', ['jm', 'https://evil.example/', 'jm']],
    ['another log-in', [...ABOUT.slice(0, 2), 'root']],
  ])('open nothing for %s', async (_case, about) => {
    const keys = await loadLinkKeys(await keyPlace());
    expect(keys.open(keys.seal('app-password', ABOUT), about)).toBeNull();
  });

  it('open nothing that was altered, cut or sealed by other keys', async () => {
    const keys = await loadLinkKeys(await keyPlace());
    const { keyId, sealed } = keys.seal('app-password', ABOUT);
    const altered = Uint8Array.from(sealed, (byte, at) => (at === 14 ? byte ^ 1 : byte));
    expect(keys.open({ keyId, sealed: altered }, ABOUT)).toBeNull();
    expect(keys.open({ keyId, sealed: sealed.subarray(0, 20) }, ABOUT)).toBeNull();
    expect((await loadLinkKeys(await keyPlace())).open({ keyId, sealed }, ABOUT)).toBeNull();
    expect(NO_LINK_KEYS.open({ keyId, sealed }, ABOUT)).toBeNull();
  });

  it('are replaced in two steps, between which both open', async () => {
    const place = await keyPlace();
    const before = await loadLinkKeys(place);
    const sealed = before.seal('app-password', ABOUT);
    const both = await addLinkKey(place);
    expect(both.ids).toEqual([expect.any(String), before.ids[0]]);
    expect((await loadLinkKeys(place)).open(sealed, ABOUT)).toBe('app-password');
    expect((await addLinkKey(place)).ids, 'one that was interrupted goes on').toEqual(both.ids);
    await dropOldLinkKeys(place);
    const after = await loadLinkKeys(place);
    expect(after.ids).toEqual(both.ids.slice(0, 1));
    expect(after.open(sealed, ABOUT)).toBeNull();
    expect(await readdir(place.directory)).toEqual(['link.key']);
    expect((await stat(place.file)).mode & 0o777).toBe(0o600);
  });

  it("leave somebody else's file as it is", async () => {
    const { file } = await keyPlace(`${LINE}\n${'B'.repeat(43)}\n`, 0o440);
    const place = linkKeyPlace('/nowhere', file);
    const keys = await loadLinkKeys(place);
    expect((await addLinkKey(place)).ids).toEqual(keys.ids);
    await dropOldLinkKeys(place);
    expect(await readFile(file, 'utf8')).toBe(`${LINE}\n${'B'.repeat(43)}\n`);
    await rm(file);
    await expect(loadLinkKeys(place)).rejects.toThrow(/link.keyFile must be a file that exists/);
  });

  it.each([
    ['readable by others', `${LINE}\n`, 0o644, /readable by its owner only \(its mode is 0644\)/],
    ['something else', 'hello\n', 0o600, /must have keys for links and nothing else/],
    ['empty', '', 0o600, /must have keys for links/],
    ['far too long', `${LINE}\n`.repeat(100), 0o600, /must have keys for links/],
  ])('refuse a file that is %s', async (_case, content, mode, message) => {
    await expect(loadLinkKeys(await keyPlace(content, mode))).rejects.toThrow(message);
  });
});
