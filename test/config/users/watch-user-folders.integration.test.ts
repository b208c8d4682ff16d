import { renameSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { watchUserFolders } from '../../../src/config/users/watch-user-folders.js';
import { configFolder } from '../config-folder.js';

const SOON = { timeout: 20_000, interval: 20 };

async function scene(lookEveryMs: number) {
  const parent = await configFolder({});
  const folder = join(parent, 'users');
  await mkdir(folder);
  let looks = 0;
  let isWaiting = false;
  const stop = watchUserFolders({
    folders: [folder],
    look: async () => void looks++,
    isWaiting: () => isWaiting,
    onUnwatchable: () => undefined,
    lookEveryMs,
  });
  onTestFinished(stop);
  const more = async () => {
    const before = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before), SOON);
  };
  await more(); // once it watches
  return { folder, more, wait: (is: boolean) => (isWaiting = is) };
}

it('looks when a file is written, in place too, and when one is renamed into the folder', async () => {
  const { folder, more } = await scene(600_000);
  writeFileSync(join(folder, 'jm'), 'one');
  await more();
  writeFileSync(join(folder, 'jm'), 'two');
  await more();
  writeFileSync(join(folder, '..', 'aside'), 'x');
  renameSync(join(folder, '..', 'aside'), join(folder, 'lab'));
  await more();
});

it('notices a folder that takes the place of the former one, and what is written there', async () => {
  const { folder, more } = await scene(20);
  renameSync(folder, `${folder}.old`);
  await more();
  await mkdir(folder);
  await more();
  writeFileSync(join(folder, 'jm'), 'one');
  await more();
});

it('looks again by itself while something waits', async () => {
  const { more, wait } = await scene(20);
  wait(true);
  await more();
  await more();
});
