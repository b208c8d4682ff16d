import { expect, test } from 'vitest';
import { createOrigins } from '../../src/crawl/origins.js';
import type { RosterEntry } from '../../src/crawl/spaces/space-roster.js';
import type { SpaceSettings } from '../../src/domain/model/space.js';
import { createMemoryStorage } from '../support/memory-store.js';

const MINUTE = 60_000;
const NEVER = new AbortController().signal;

function settingsOf(user: string, password = `of ${user}`, host = 'cloud.example.org'): SpaceSettings {
  const auth = { type: 'basic', username: user, password } as const;
  return { user, url: `https://${host}/${user}/`, auth, watchDirectory: null };
}

function createFixture() {
  let now = 1_800_000_000_000;
  let proofs = 0;
  const origins = createOrigins(
    () => now,
    () => void proofs++,
  );
  const refuse = (settings: SpaceSettings) => origins.begin(settings)(true);
  /** A sync under way whose storage has answered. */
  const answer = async (settings: SpaceSettings) => {
    const end = origins.begin(settings);
    const storage = origins.listen({ open: () => createMemoryStorage(), childUrl: () => '' });
    await storage.open(settings).list('' as never, NEVER);
    return end;
  };
  return {
    origins,
    refuse,
    answer,
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
    proofs: () => proofs,
  };
}

test('after three refusals within ten minutes credentials that were never good there wait, proven ones go on', async () => {
  const { origins, refuse, answer, pass } = createFixture();
  const proven = settingsOf('mia');
  (await answer(proven))(false);
  for (const user of ['a', 'b', 'c']) {
    expect(origins.mustWait(settingsOf('d'))).toBe(false);
    refuse(settingsOf(user));
    pass(MINUTE);
  }
  expect(origins.mustWait(settingsOf('d'))).toBe(true);
  expect(origins.mustWait(settingsOf('a'))).toBe(true);
  expect(origins.mustWait(proven)).toBe(false);
  expect(origins.mustWait(settingsOf('d', 'x', 'elsewhere.example.org'))).toBe(false);
  expect(origins.mustWait({ ...settingsOf('d'), auth: { type: 'none' } })).toBe(false);
  pass(7 * MINUTE);
  expect(origins.mustWait(settingsOf('d'))).toBe(false);
});

test('one space that is refused again and again holds up nobody else', () => {
  const { origins, refuse } = createFixture();
  for (let n = 0; n < 5; n++) refuse(settingsOf('a'));
  expect(origins.mustWait(settingsOf('b'))).toBe(false);
});

test('those that are being tried count until their first answer', async () => {
  const { origins, refuse, answer, proofs } = createFixture();
  refuse(settingsOf('a'));
  const [first, second] = [settingsOf('b'), settingsOf('c')];
  origins.begin(first);
  const end = origins.begin(second);
  origins.begin({ ...settingsOf('open'), auth: { type: 'none' } });
  expect(origins.mustWait(settingsOf('d'))).toBe(true);
  end(false);
  expect(origins.mustWait(settingsOf('d'))).toBe(false);
  await answer(first);
  expect(proofs()).toBe(1);
});

test('an account that serves many spaces is proven by any of them', async () => {
  const { origins, refuse, answer } = createFixture();
  const service = (user: string) => ({ ...settingsOf(user), auth: settingsOf('svc').auth });
  (await answer(service('a')))(false);
  for (const user of ['b', 'c', 'd']) refuse(service(user));
  expect(origins.mustWait(service('e'))).toBe(false);
});

test('what the index knows counts after a restart, too', () => {
  const { origins, now } = createFixture();
  const entry = (user: string, space: object) => ({ space, settings: settingsOf(user) }) as unknown as RosterEntry;
  const refused = { trouble: { kind: 'unauthorized', message: '', at: now() - MINUTE }, lastSyncAt: 1 };
  origins.recall([
    entry('a', refused),
    entry('b', refused),
    entry('c', refused),
    entry('mia', { trouble: null, lastSyncAt: 1 }),
    entry('new', { trouble: null, lastSyncAt: null }),
  ]);
  expect(['a', 'mia', 'new'].map((user) => origins.mustWait(settingsOf(user)))).toEqual([true, false, true]);
});

test('those of a roster that have to wait are told without going through all of it at each claim', async () => {
  const { origins, refuse, answer, pass } = createFixture();
  const elsewhere = { ...settingsOf('there'), url: 'https://elsewhere.example.org/there/' };
  const free = { ...settingsOf('free'), auth: { type: 'none' } } as const;
  const settings = [...['a', 'b', 'c', 'd', 'e', 'f'].map((user) => settingsOf(user)), elsewhere, free];
  let walks = 0;
  const roster = {
    settings: () => settings,
    entries: () => {
      walks++;
      return settings.map((its, id) => ({ space: { id, user: its.user }, settings: its }) as RosterEntry);
    },
  };
  const waiting = () => {
    const told = [...origins.waiting(roster)].sort();
    const all = settings.flatMap((its, id) => (origins.mustWait(its) ? [id] : []));
    expect(told).toEqual(all);
    return told.map((id) => settings[id]?.user);
  };
  (await answer(settingsOf('a')))(false);
  expect(waiting()).toEqual([]);
  for (const user of ['b', 'c', 'd']) refuse(settingsOf(user));
  expect(waiting()).toEqual(['b', 'c', 'd', 'e', 'f']);
  (await answer(settingsOf('e')))(false);
  expect(waiting()).toEqual(['b', 'c', 'd', 'f']);
  refuse(settingsOf('a'));
  expect(waiting()).toEqual(['a', 'b', 'c', 'd', 'f']);
  origins.forget(settingsOf('e'));
  expect(waiting()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(walks).toBe(1);
  pass(31 * MINUTE);
  expect(waiting()).toEqual([]);
});
