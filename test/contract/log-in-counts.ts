import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuessBudget } from '../../src/auth/guess-budget.js';
import { guessLimits } from '../../src/domain/hosts/lock-out.js';
import type { LogInCounts } from '../../src/domain/ports/log-in-counts.js';
import { createTries } from '../../src/http/gate/tries.js';

/** The counts as three hosts have them, and the clock that they read. */
export interface CountsUnderTest {
  readonly clock: { now: number };
  readonly hosts: readonly [LogInCounts, LogInCounts, LogInCounts];
  close(): Promise<void>;
}

const NOW = 1_800_000_000_000;
const NEVER = new AbortController().signal;
const CLOUD = 'https://cloud.example.org';

export function describeLogInCounts(name: string, make: () => Promise<CountsUnderTest>): void {
  describe(`what log-ins are counted by: ${name}`, () => {
    let under: CountsUnderTest;
    beforeEach(async () => {
      under = await make();
      under.clock.now = NOW;
    });
    afterEach(() => under.close());

    const read = (...keys: readonly string[]) =>
      under.hosts[2].change(keys, (counts, now) => ({ counts, result: { counts, now } }));

    it('keep what is decided of each key, at all hosts', async () => {
      const guess = { at: NOW, from: 'a', network: 'a', isKnown: false, id: 'x' };
      const decided = [{ until: NOW + 5, used: 2 }, null, { until: NOW + 9, guesses: [guess] }];
      const result = await under.hosts[0].change(['b', 'c', 'a'], (counts, now) => {
        expect([...counts, now]).toEqual([null, null, null, NOW]);
        return { counts: decided, result: 'told' };
      });
      expect(result).toBe('told');
      expect(await read('a', 'b', 'c')).toEqual({ counts: [decided[2], decided[0], null], now: NOW });
      await under.hosts[1].change(['a', 'b'], ([, b]) => ({ counts: [null, b ?? null], result: null }));
      expect((await read('a', 'b')).counts).toEqual([null, decided[0]]);
    });

    it('change by one after the other, however many ask at once', async () => {
      const one = (host: LogInCounts, keys: readonly string[]) =>
        host.change(keys, (counts) => ({
          counts: counts.map((counted) => ({ until: NOW + 1_000, used: (counted?.used ?? 0) + 1 })),
          result: null,
        }));
      const keys = ['x', 'y'];
      await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          under.hosts.map((host) => one(host, n % 2 ? keys : keys.toReversed())),
        ).flat(),
      );
      expect((await read('x', 'y')).counts.map((counted) => counted?.used)).toEqual([30, 30]);
    });

    it('let nobody try more often by asking several hosts at once', async () => {
      const hosts = under.hosts.map((counts) => createTries(counts));
      const taken = await Promise.all(
        Array.from({ length: 8 }, () => hosts.map((tries) => tries.take('jm', '192.0.2.1'))).flat(),
      );
      expect(taken.filter((each) => !('exceeded' in each))).toHaveLength(5);
      expect(await hosts[0]?.allowance('jm', '192.0.2.1')).toMatchObject({ limit: 5, remaining: 0 });
      under.clock.now += 15 * 60_000;
      expect(await hosts[0]?.allowance('jm', '192.0.2.1')).toMatchObject({ limit: 5, remaining: 5 });
    });

    it('know a user at all hosts who has logged in at one, once', async () => {
      const [here, there] = under.hosts.map((counts) => createTries(counts));
      const first = await here?.take('jm', '192.0.2.1');
      if (first === undefined || 'exceeded' in first) throw new Error('the first attempt was refused');
      expect(first).toMatchObject({ isKnown: false, allowance: { remaining: 4 } });
      expect(await first.succeed()).toMatchObject({ remaining: 5 });
      expect(await first.giveBack()).toMatchObject({ remaining: 5 });
      expect(await there?.take('jm', '192.0.2.1')).toMatchObject({ isKnown: true, allowance: { remaining: 4 } });
      expect(await first.giveBack()).toMatchObject({ remaining: 4 });
    });

    it('have a storage asked about no more passwords by three hosts than by one', async () => {
      const budgets = under.hosts.map((counts) => createGuessBudget(counts, () => undefined));
      let asked = 0;
      const outcomes = await Promise.all(
        Array.from({ length: 4 }, (_, n) =>
          budgets.map(async (budget, at) => {
            const caller = { address: '', network: `198.51.100.${10 * n + at}`, isKnown: false };
            const entered = await budget.enter(CLOUD, { user: 'jm', caller, limits: guessLimits(4, false) }, NEVER);
            if ('retryAt' in entered) return (entered.retryAt - NOW) / 60_000;
            asked++;
            await new Promise((resolve) => setTimeout(resolve, 5));
            await entered.leave(true);
            return 'refused';
          }),
        ).flat(),
      );
      expect(asked).toBe(3);
      expect(outcomes.filter((each) => each === 30)).toHaveLength(9);
    });

    it('take a password that nobody says anything of for a wrong one, once its host must be gone', async () => {
      const [here, there] = under.hosts.map((counts) => createGuessBudget(counts, () => undefined));
      const limits = guessLimits(1, false);
      const enter = (budget: typeof here, network: string) =>
        budget?.enter(CLOUD, { user: 'jm', caller: { address: '', network, isKnown: false }, limits }, NEVER);
      await enter(here, 'a');
      const waiting = enter(there, 'b');
      under.clock.now += 60_000;
      expect(await waiting).toEqual({ retryAt: NOW + 1_800_000 });
      under.clock.now = NOW + 1_800_000;
      expect(await enter(there, 'b')).toHaveProperty('leave');
    });
  });
}
