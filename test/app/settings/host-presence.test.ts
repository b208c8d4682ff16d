import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announceHost } from '../../../src/app/settings/host-presence.js';
import type { Config } from '../../../src/config/schema.js';
import type { HostPresence } from '../../../src/domain/diagnosis/host-differences.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { quietLogger } from '../../support/quiet-logger.js';

const TOLD_EVERY_MS = 10_000;
const CONFIG = {
  data: { directory: '/var/lib/ovadex' },
  roles: ['api'],
  ...{ spaces: [], discoveries: [], userFolders: [], publicUsers: [], webhooks: [] },
  ...{ crawl: {}, describe: {}, maintenance: {}, link: { origins: [] }, auth: { issuers: [] }, api: {} },
} as unknown as Config;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A host whose register does what `answers` says, one after the other, and takes what it is told after them. */
function announce(...answers: readonly OvadexError[]) {
  const told: HostPresence[] = [];
  const outgrown: OvadexError[] = [];
  const left: string[] = [];
  let at = 0;
  const register = {
    async note(host: HostPresence) {
      const error = answers[at++];
      if (error !== undefined) throw error;
      told.push(host);
    },
    async leave(name: string) {
      left.push(name);
    },
    list: () => Promise.resolve([]),
  };
  const presence = announceHost(register, {
    ...{ config: () => CONFIG, startedAt: 1, logger: quietLogger },
    onOutgrown: (error) => outgrown.push(error),
  });
  return { presence, told, outgrown, left, asked: () => at };
}
const ticks = (count: number) => vi.advanceTimersByTimeAsync(count * TOLD_EVERY_MS);

it('a host tells of itself at once and every ten seconds, also after the database was away, until it ends', async () => {
  const { presence, told, outgrown, left } = announce(new OvadexError('index', 'away'));
  await ticks(3);
  expect(told).toHaveLength(3);
  await presence.end();
  await ticks(3);
  expect(told).toHaveLength(3);
  expect(left).toHaveLength(1);
  expect(outgrown).toEqual([]);
});

it('a host that a newer program has left behind learns it once, and tells nothing any more', async () => {
  const newer = new OvadexError('foreign', 'of a newer ovadex');
  const { presence, told, outgrown, asked } = announce(new OvadexError('index', 'away'), newer);
  await ticks(5);
  expect(outgrown).toEqual([newer]);
  expect(asked()).toBe(2);
  expect(told).toEqual([]);
  await presence.end();
});
