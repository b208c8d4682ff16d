import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSigningKey, SIGNING_KEY_FILE } from '../../src/auth/signing-key.js';

async function dataDirectory(content?: string, mode = 0o600) {
  const directory = await mkdtemp(join(tmpdir(), 'ovadex-key-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, SIGNING_KEY_FILE);
  if (content !== undefined) {
    await writeFile(file, content);
    await chmod(file, mode);
  }
  return { directory, file };
}

const GOOD = `${'A'.repeat(43)}\n`;

describe('the signing key', () => {
  it('is made once, for the owner alone, and found again', async () => {
    const { directory, file } = await dataDirectory();
    const first = await loadSigningKey(directory);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(first.key.symmetricKeySize).toBe(32);
    const second = await loadSigningKey(directory);
    expect(second.id).toBe(first.id);
    expect(second.key.equals(first.key)).toBe(true);
    expect(await readdir(directory)).toEqual([SIGNING_KEY_FILE]);
  });

  it('is another one in every directory, and after its file was removed', async () => {
    const [one, two] = [await dataDirectory(), await dataDirectory()];
    const first = await loadSigningKey(one.directory);
    expect((await loadSigningKey(two.directory)).id).not.toBe(first.id);
    await rm(one.file);
    expect((await loadSigningKey(one.directory)).id).not.toBe(first.id);
  });

  it('is one and the same for processes that start together', async () => {
    const { directory } = await dataDirectory();
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSigningKey(directory)));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    expect(await readdir(directory)).toEqual([SIGNING_KEY_FILE]);
  });

  it('does not show in its id', async () => {
    const { directory, file } = await dataDirectory(GOOD);
    const { id } = await loadSigningKey(directory);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(Buffer.from((await readFile(file, 'utf8')).trim(), 'base64url').toString('hex')).not.toContain(id);
  });

  it.each([0o640, 0o604, 0o660, 0o644])('is refused when others may read or write it: %o', async (mode) => {
    const { directory, file } = await dataDirectory(GOOD, mode);
    await expect(loadSigningKey(directory)).rejects.toMatchObject({
      code: 'config',
      message: `${file}: must be readable by its owner only (its mode is 0${mode.toString(8)}); chmod 600`,
    });
  });

  it.each(['', '\n', 'secret', `${'A'.repeat(42)}\n`, `${'A'.repeat(44)}\n`, `${'A'.repeat(43)}\n\n`, '?'.repeat(43)])(
    'is refused when it is none, and not quoted: %j',
    async (content) => {
      const { directory, file } = await dataDirectory(content);
      await expect(loadSigningKey(directory)).rejects.toMatchObject({
        code: 'config',
        message: `${file}: is not a key for session tokens; remove the file to have a new key created`,
      });
      expect(await readFile(file, 'utf8')).toBe(content);
    },
  );

  it('says that its directory is missing', async () => {
    const { directory } = await dataDirectory();
    await expect(loadSigningKey(join(directory, 'none'))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(join(directory, 'none', SIGNING_KEY_FILE)),
    });
  });
});
