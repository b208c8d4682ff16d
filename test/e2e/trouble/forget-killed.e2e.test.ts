import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, it } from 'vitest';
import { buildIndex } from '../../bench/bulk-index.js';
import { startDaemon } from '../../kills/daemon.js';
import { createCleanup } from '../../support/cleanup.js';
import { installOvadex } from '../../support/process/ovadex.js';

const SOON = { timeout: 60_000, interval: 2 };
/** Ten pieces. */
const IMAGES = 20_000;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

it('a user whose forgetting was killed is gone at once, may come back, and what was left goes with the next one', async () => {
  const index = buildIndex({ spaces: 2, images: IMAGES });
  cleanup.add(index.remove);
  const db = new Database(index.file);
  cleanup.add(() => db.close());
  db.exec('UPDATE spaces SET waiting_images = images, is_configured = 0, left_at = 1');
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  ovadex.configure({ log: { level: 'error' }, data: { directory: dirname(index.file) }, spaces: [] });
  const left = () => db.prepare<[], number>('SELECT count(*) FROM images WHERE space = 1').pluck().get() ?? 0;
  const names = () => db.prepare<[], string>('SELECT user FROM spaces ORDER BY id').pluck().all();

  const forgetting = startDaemon(ovadex.argv('forget', '--user', 'user0'));
  cleanup.add(() => forgetting.child.kill('SIGKILL'));
  await expect.poll(left, SOON).toBeLessThan(IMAGES);
  forgetting.child.kill('SIGKILL');
  await forgetting.exited;
  expect(left()).toBeGreaterThan(0);
  expect(names()).toEqual(['/forgotten/1', 'user1']);
  expect((await ovadex.run('db', 'check')).stderr).toBe('');

  expect(await ovadex.run('forget', '--user', 'user0')).toMatchObject({
    code: 66,
    stderr: expect.stringContaining('nothing is stored'),
  });
  expect(left()).toBe(0);
  expect((await ovadex.run('db', 'check')).stderr).toBe('');
});
