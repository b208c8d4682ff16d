import { describe, expect, it } from 'vitest';
import { DAY, MINUTE, type Scene, simulate } from '../../support/freshness/simulate.js';
import { someOf } from '../../support/thorough.js';

/** How many times sooner changes showed than at equal intervals, by day. */
const gains = (scene: Scene) => simulate(scene).days.map(({ delayMs }) => scene.equalMs / 2 / delayMs);

/**
 * Spaces whose rates spread evenly over five decades, none of them known at the start. If all were known and none had
 * to be looked at for its own sake, changes would show 2.9 times sooner than at equal intervals. `npm run bench
 * freshness` does the same with 10,000 spaces.
 */
describe('freshness for a budget', () => {
  const scene: Scene = { seed: 1, spaces: 400, days: 7, equalMs: 10 * MINUTE, busiestMs: 2 * MINUTE };

  it('is compared with what equal intervals show: a change halfway between two looks', () => {
    for (const { delayMs } of simulate({ ...scene, days: 2, isEqual: true }).days) {
      expect(delayMs / (scene.equalMs / 2)).toBeCloseTo(1, 1);
    }
  });

  it.each(someOf([1, 2, 3], 1))('shows changes 2.3 times sooner by the end of a week (seed %i)', (seed) => {
    const story = simulate({ ...scene, seed });
    for (const { delayMs } of story.days.slice(-2)) expect(scene.equalMs / 2 / delayMs).toBeGreaterThan(2.3);
    expect(story.longestMs).toBeLessThan(4 * scene.equalMs);
    for (const { looks } of story.days.slice(1)) {
      expect(looks / ((scene.spaces * DAY) / scene.equalMs)).toBeCloseTo(1, 1);
    }
  });

  it.each(
    someOf<[string, Partial<Scene>]>(
      [
        ['changes are rare beside looks', { equalMs: 10 * MINUTE, busiestMs: 10 * MINUTE }],
        ['looks are rare beside changes', { equalMs: 20 * MINUTE, busiestMs: MINUTE }],
      ],
      1,
    ),
  )('does so if %s, too', (_, times) => {
    for (const gain of gains({ ...scene, ...times }).slice(-2)) expect(gain).toBeGreaterThan(2.2);
  });

  it.each(someOf([4, 5], 1))(
    'does so again a day after each space has taken on the pace of another (seed %i)',
    (seed) => {
      const [before = 0, during = 0, after = 0] = gains({ ...scene, seed, days: 5, shuffledAt: 3 * DAY }).slice(2);
      expect(before).toBeGreaterThan(2.3);
      expect(during).toBeGreaterThan(1);
      expect(after).toBeGreaterThan(2.3);
    },
  );
});
