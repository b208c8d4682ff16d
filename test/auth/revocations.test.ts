import { expect, it } from 'vitest';
import { createRevocations } from '../../src/auth/revocations.js';
import type { Revoked } from '../../src/domain/model/link.js';

const MINUTE = 60_000;
const GONE: Revoked = { outcome: 'gone' };
const DONE: Revoked = { outcome: 'revoked' };
const AWAY: Revoked = { outcome: 'failed', detail: 'it answered 503' };
const link = (loginName: string, server = 'https://cloud.example.org/') => ({ server, loginName, password: 'app' });

/** Revocations at storages that answer one after the other as it is written. */
function scene(answers: readonly Revoked[]) {
  const left = [...answers];
  const asked: string[] = [];
  const slept: number[] = [];
  const told: unknown[] = [];
  const time: { now: number; isEndless: boolean } = { now: 0, isEndless: false };
  const revocations = createRevocations({
    async revoke({ loginName }) {
      asked.push(loginName);
      return left.shift() ?? AWAY;
    },
    clock: () => time.now,
    sleep: (ms, signal) => {
      slept.push(ms);
      if (!time.isEndless) return Promise.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
    logger: { warn: (about: unknown) => told.push(about), error: (about: unknown) => told.push(about) },
  });
  const settled = async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return { revocations, asked, slept, told, time, settled };
}

it('tries one again that could not be ended, less and less often', async () => {
  const { revocations, slept, told, settled } = scene([AWAY, AWAY, AWAY, DONE]);
  expect(await revocations.end(link('jm'))).toBe('it answered 503');
  await settled();
  expect([slept, told]).toEqual([[MINUTE, 10 * MINUTE, 60 * MINUTE], []]);
});

it('says whose is left after a day, without the secret', async () => {
  const { revocations, slept, told, settled } = scene([]);
  await revocations.end(link('jm'));
  await settled();
  expect(slept).toHaveLength(5);
  expect(told).toEqual([expect.objectContaining({ server: 'https://cloud.example.org/', loginName: 'jm' })]);
  expect(JSON.stringify(told)).not.toContain('"app"');
});

it('says whose is left when the daemon stops', async () => {
  const { revocations, time, told, settled } = scene([]);
  time.isEndless = true;
  await revocations.end(link('jm'));
  await settled();
  expect(told).toEqual([]);
  await revocations.stop();
  expect(told).toEqual([expect.objectContaining({ loginName: 'jm' })]);
});

it('does not try again what no key opens', async () => {
  const { revocations, slept, told } = scene([]);
  await revocations.end({ ...link('jm'), password: null });
  expect([slept, told]).toEqual([[], [expect.objectContaining({ loginName: 'jm' })]]);
});

it('tries those that were refused until one is gone, and the next ones of that storage half an hour later', async () => {
  const { revocations, asked, time, settled } = scene([DONE, DONE, GONE, DONE, DONE]);
  for (const user of ['a', 'b', 'c', 'd']) revocations.endRefused(link(user));
  revocations.endRefused(link('e', 'https://other.example.org/'));
  await settled();
  expect(asked).toEqual(['a', 'b', 'c', 'e']);
  time.now = 30 * MINUTE;
  revocations.endRefused(link('f'));
  await settled();
  expect(asked).toEqual(['a', 'b', 'c', 'e', 'f']);
});
