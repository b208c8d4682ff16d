import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDavServer } from '../../src/demo/dav-server.js';
import { beginUpload, ODD_FOLDER, REFUSED_NAME } from '../../src/demo/odd-images.js';
import { writeSpace } from '../../src/demo/spaces.js';
import { judgeState } from '../../src/domain/description/image-state.js';
import { isImageName } from '../../src/domain/model/image.js';
import { readImage } from '../../src/ovf/read-image.js';
import { memorySource } from '../support/ovf/memory-source.js';

const going = new AbortController().signal;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ovadex-odd-'));
  await writeSpace(directory, 'jm', going);
  await beginUpload(directory, 'jm', going);
});
afterAll(() => rm(directory, { recursive: true }));

/** Reads an image of the space as the program does, and judges it. */
async function judged(path: string) {
  const bytes = await readFile(join(directory, path));
  const attempt = await readImage(basename(path), bytes.length, memorySource(bytes));
  const beside = await readdir(dirname(join(directory, path)));
  const siblings = beside.map((name) => ({ name, sizeBytes: null }));
  const reading = attempt.kind === 'read' ? attempt.reading : null;
  return judgeState({ name: path, isSettled: true }, reading, siblings);
}

describe('the images of a demo space', () => {
  it('deploy, but for those in a folder that says so', async () => {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const images = entries
      .filter((entry) => entry.isFile() && isImageName(entry.name))
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith(`${ODD_FOLDER}/`));
    const wrong = [];
    for (const path of images) {
      const { state, reasons, notes } = await judged(path);
      if (state !== 'ok' || notes.length > 0) wrong.push({ path, state, reasons, notes });
    }
    expect(images.length).toBeGreaterThan(36);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['cut short.ova', 'incomplete', ['truncated']],
    ['disk left behind/left-behind.ovf', 'incomplete', ['missing-file: left-behind-disk1.vmdk']],
    ['a page, not an archive.ova', 'broken', ['not-an-ova: an HTML page']],
    ['still uploading.ova', 'incomplete', ['truncated']],
    [REFUSED_NAME, 'ok', []],
  ])('%s is %s, once it is read', async (name, state, reasons) => {
    expect(await judged(`${ODD_FOLDER}/${name}`)).toMatchObject({ state, reasons });
  });

  it('are given to their user by the storage, but for one', async () => {
    const server = await startDavServer([{ user: 'jm', password: 'pw', directory }], directory);
    try {
      const headers = { Authorization: `Basic ${btoa('jm:pw')}` };
      const get = async (name: string, method = 'GET') => {
        const url = `${server.url}jm/${encodeURIComponent(ODD_FOLDER)}/${encodeURIComponent(name)}`;
        return (await fetch(url, { method, headers })).status;
      };
      expect(await get('cut short.ova')).toBe(200);
      expect(await get(REFUSED_NAME)).toBe(403);
      expect(await get(REFUSED_NAME, 'PROPFIND')).toBe(207);
    } finally {
      await server.close();
    }
  });
});
