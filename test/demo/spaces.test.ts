import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ODD_FOLDER } from '../../src/demo/odd-images.js';
import { WELL_KNOWN_IMAGE, writeSpace } from '../../src/demo/spaces.js';
import { isImageName } from '../../src/domain/model/image.js';

const going = new AbortController().signal;
let directory: string;

async function filesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ovadex-spaces-'));
  await Promise.all(['jm', 'kim'].map((user) => writeSpace(join(directory, user), user, going)));
});
afterAll(() => rm(directory, { recursive: true }));

describe('a demo space', () => {
  it('holds several dozen images, so that filter and order show something', async () => {
    const images = (await filesOf(join(directory, 'jm'))).filter((path) => isImageName(basename(path)));
    expect(images.length).toBeGreaterThan(36);
    expect(images).toContain(WELL_KNOWN_IMAGE);
    const ubuntu = images.filter((path) => basename(path).toLowerCase().includes('ubuntu'));
    expect(ubuntu.length).toBeGreaterThan(2);
    expect(ubuntu.length).toBeLessThan(images.length / 2);
  });

  it('differs from user to user', async () => {
    expect(await filesOf(join(directory, 'jm'))).not.toEqual(await filesOf(join(directory, 'kim')));
  });

  it('has exported machines: descriptor, manifest and disk in a folder named by a UUID', async () => {
    const files = await filesOf(join(directory, 'jm'));
    const descriptors = files.filter((path) => path.endsWith('.ovf') && !path.startsWith(`${ODD_FOLDER}/`));
    expect(descriptors.length).toBeGreaterThan(3);
    for (const path of descriptors) {
      expect(dirname(path)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const stem = path.slice(0, -'.ovf'.length);
      expect(files).toEqual(expect.arrayContaining([`${stem}.mf`, `${stem}-disk1.vmdk`]));
    }
  });

  it.each([' ', '+', '%', '#', '?', '&', '"', "'", '[', '\u00e9', 'e\u0301', '.OVA'])(
    'has an image with %j in its name',
    async (part) => {
      const images = (await filesOf(join(directory, 'kim'))).map((path) => basename(path)).filter(isImageName);
      expect(images.some((name) => name.includes(part))).toBe(true);
    },
  );

  it.each(['.iso', '.txt', '.ova.part', '._Ubuntu_64-bit-vmx10.ova'])('has a file %s that is no image', async (end) => {
    const names = (await filesOf(join(directory, 'jm'))).map((path) => basename(path));
    const others = names.filter((name) => name.endsWith(end));
    expect(others).not.toEqual([]);
    expect(others.filter(isImageName)).toEqual([]);
  });

  it('is made of the same bytes and dates at every run', async () => {
    const again = join(directory, 'again');
    await writeSpace(again, 'jm', going);
    const files = await filesOf(again);
    expect(files).toEqual(await filesOf(join(directory, 'jm')));
    for (const path of files) {
      const [here, there] = [join(again, path), join(directory, 'jm', path)];
      expect((await readFile(here)).equals(await readFile(there))).toBe(true);
      expect((await stat(here)).mtimeMs).toBe((await stat(there)).mtimeMs);
    }
  });

  it('is left unfinished when the signal aborts', async () => {
    await expect(writeSpace(join(directory, 'stopped'), 'jm', AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});
