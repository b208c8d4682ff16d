import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderWatch, watchSpace } from '../../../src/crawl/folders/folder-watch.js';
import { quietLogger } from '../../support/quiet-logger.js';

describe('watchSpace', () => {
  let directory: string;
  let watch: FolderWatch;
  let hints: string[][];
  const hinted = () => new Set(hints.flat());

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ovadex-watch-'));
    await mkdir(join(directory, 'images/old'), { recursive: true });
    await writeFile(join(directory, 'images/old/x.ova'), 'x');
    hints = [];
    watch = watchSpace({ directory, onHint: (collections) => hints.push([...collections]), logger: quietLogger });
    // Only what happens after it is ready is a change; a first one tells that it is.
    await expect
      .poll(async () => {
        await writeFile(join(directory, `ready-${Math.random()}.ova`), '');
        return hints.length;
      })
      .toBeGreaterThan(0);
    hints = [];
  });

  afterEach(async () => {
    await watch.stop();
    await rm(directory, { recursive: true });
  });

  it('hints at the collection of an image that comes, goes or grows', async () => {
    await writeFile(join(directory, 'images/new.ova'), 'x');
    await expect.poll(hinted).toContain('images');
    await writeFile(join(directory, 'images/old/x.ova'), 'longer');
    await expect.poll(hinted).toContain('images/old');
    hints = [];
    await rm(join(directory, 'images/old/x.ova'));
    await expect.poll(hinted).toContain('images/old');
  });

  it('hints at both ends of a moved folder', async () => {
    await mkdir(join(directory, 'other'));
    await expect.poll(hinted).toContain('');
    hints = [];
    await rename(join(directory, 'images/old'), join(directory, 'other/old'));
    await expect.poll(hinted).toContain('images');
    await expect.poll(hinted).toContain('other');
  });

  it('makes one hint of a burst, and none of files that are no images', async () => {
    for (let i = 0; i < 50; i++) await writeFile(join(directory, `images/${i}.ova`), 'x');
    await expect.poll(hinted).toContain('images');
    expect(hints.length).toBeLessThan(10);
    hints = [];
    await writeFile(join(directory, 'images/readme.txt'), 'x');
    await writeFile(join(directory, 'last.ova'), 'x');
    await expect.poll(hinted).toContain('');
    expect(hinted()).not.toContain('images');
  });
});
