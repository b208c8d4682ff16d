import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex } from '../bench/bulk-index.js';
import { installOvadex, type Ovadex } from '../support/process/ovadex.js';
import { leastSeconds } from '../support/process/processor-seconds.js';
import { sizeOf } from '../support/thorough.js';

const SPACES = sizeOf(5_000, 2_000);
const RUNS = 3;
/** Building the index takes a second, on a busy machine many. */
const HOOK_WITHIN_MS = 60_000;
/**
 * Starts of the bare program that a command may cost. They take six to ten, half of it for reading the configuration; a table
 * that is laid out cell by cell as objects took sixty.
 */
const STARTS_ALLOWED = 20;

describe(`with ${SPACES} spaces`, () => {
  let ovadex: Ovadex;
  let index: ReturnType<typeof buildIndex>;
  /** A storage that is out of order. */
  let dead: Server;
  let connections = 0;
  /** Of the bare program. */
  let startSeconds: number;

  beforeAll(async () => {
    index = buildIndex({ spaces: SPACES, images: 2 });
    const db = new Database(index.file);
    db.exec(`
      INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, started_at, ended_at)
        SELECT 'task' || id, id, 'full', 'schedule', '[]', 'PROCESSED', 1, 3, 2, 3 FROM spaces;
      INSERT INTO tokens (user, hash, scopes, created_at)
        SELECT user, printf('%064x', id), '[]', 1 FROM spaces`);
    db.close();
    dead = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
    ovadex = await installOvadex();
    ovadex.configure({
      data: { directory: dirname(index.file) },
      storage: { url: `http://127.0.0.1:${(dead.address() as AddressInfo).port}/{user}/` },
      spaces: Array.from({ length: SPACES }, (_, i) => ({ user: `user${i}` })),
    });
    startSeconds = await leastSeconds([...ovadex.argv().slice(0, 1), '--version'], RUNS);
  }, HOOK_WITHIN_MS);
  afterAll(async () => {
    await new Promise((resolve) => dead.close(resolve));
    ovadex.remove();
    index.remove();
  });

  it.each([[['spaces']], [['requests', '--limit', `${SPACES}`]], [['token', 'list']]])(
    '%s takes no more than a few starts of the program',
    async (words) => {
      const { stdout } = await ovadex.run(...words);
      expect(stdout.split('\n').length).toBeGreaterThan(SPACES);
      const allowed = STARTS_ALLOWED * startSeconds;
      let took = Number.POSITIVE_INFINITY;
      for (let run = 0; run < RUNS && took > allowed; run++) took = await leastSeconds(ovadex.argv(...words), 1);
      expect(took / startSeconds).toBeLessThan(STARTS_ALLOWED);
    },
    120_000,
  );

  it.each([[['doctor']], [['config', 'check', '--online']]])(
    '%s asks a storage that is out of order twice, and tells of it once',
    async (words) => {
      connections = 0;
      const { code, stdout } = await ovadex.run(...words);
      expect(code).toBe(69);
      expect(connections).toBe(2);
      expect(stdout).toMatch(/out of order/);
      expect(stdout).toContain(`${SPACES / 1_000},000 spaces`);
      expect(stdout.trimEnd().split('\n').length).toBeLessThan(8);
    },
  );

  it('doctor tells of one space without the others', async () => {
    const { stdout, code } = await ovadex.run('doctor', '--user', 'user7');
    expect(code).toBe(69);
    expect(stdout).toMatch(/^PROBLEM {2}storage: user7: /m);
    expect(await ovadex.run('doctor', '--user', 'nobody')).toMatchObject({
      code: 66,
      stderr: 'ovadex: there is no space of user "nobody"\n',
    });
  });
});
