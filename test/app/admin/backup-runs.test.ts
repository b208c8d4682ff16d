import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createBackupRuns, type MakeBackup } from '../../../src/app/admin/backup-runs.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { quietLogger } from '../../support/quiet-logger.js';

const NEVER = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const AT_ONCE = async () => {};

function scene(make: MakeBackup, patience: (signal: AbortSignal) => Promise<void> = NEVER) {
  let now = 1_000;
  const nameByTime = (directory: string, at: number) => `${directory}/copy-${at}.db`;
  const copyOf = (at: number) => ({
    name: `copy-${at}.db`,
    sizeBytes: 7,
    madeAt: at,
    schema: 23,
    isBeforeMigration: false,
    problem: null,
  });
  const list = () => [copyOf(1_000), copyOf(7)];
  const deps = { directory: '/backups', keep: 2, nameByTime, list, make, patience, logger: quietLogger };
  return createBackupRuns({ ...deps, clock: () => now++ });
}

it('a backup is told once it is made', async () => {
  const asked: unknown[] = [];
  const runs = scene(async (target, keep) => {
    asked.push([target, keep, runs.standing().running]);
    return { sizeBytes: 7, left: [] };
  });
  expect(await runs.start()).toEqual({ name: 'copy-1000.db', startedAt: 1_000, state: 'done', sizeBytes: 7 });
  expect(asked).toEqual([['/backups/copy-1000.db', 2, { name: 'copy-1000.db', startedAt: 1_000 }]]);
  expect(runs.standing()).toMatchObject({ directory: '/backups', keep: 2, running: null, lastFailure: null });
});

it('a backup that takes a while goes on after the answer, and no other is made meanwhile', async () => {
  const copying = new AbortController();
  const runs = scene(async () => {
    await once(copying.signal, 'abort');
    return { sizeBytes: 7, left: [] };
  }, AT_ONCE);
  expect(await runs.start()).toEqual({ name: 'copy-1000.db', startedAt: 1_000, state: 'running' });
  const names = () => runs.standing().copies.map(({ name }) => name);
  expect(names(), 'a copy is none before it is checked').toEqual(['copy-7.db']);
  await expect(runs.start()).rejects.toMatchObject({
    code: 'conflict',
    message: 'the backup copy-1000.db has been running since 1970-01-01T00:00:01.000Z; wait for its end',
  });
  copying.abort();
  await expect.poll(() => runs.standing().running).toBeNull();
  expect(names()).toEqual(['copy-1000.db', 'copy-7.db']);
  expect(await runs.start()).toMatchObject({ name: 'copy-1001.db' });
});

it('tells why the last one failed, until one is made', async () => {
  const failures = [new OvadexError('index', 'there is no room'), new TypeError('a mistake')];
  const runs = scene(async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return { sizeBytes: 7, left: [{ file: 'old', why: 'busy' }] };
  });
  expect(await runs.start()).toMatchObject({ state: 'failed', reason: 'there is no room' });
  expect(runs.standing().lastFailure).toEqual({ name: 'copy-1000.db', failedAt: 1_001, reason: 'there is no room' });
  expect(await runs.start()).toMatchObject({ state: 'failed', reason: 'an internal error; the log has more' });
  expect(await runs.start()).toMatchObject({ state: 'done' });
  expect(runs.standing().lastFailure).toBeNull();
});

it('ends what is being made when the daemon stops', async () => {
  const runs = scene((_target, _keep, signal) => NEVER(signal).then(() => ({ sizeBytes: 0, left: [] })));
  const told = runs.start();
  runs.end();
  expect(await told).toMatchObject({ state: 'failed' });
});
