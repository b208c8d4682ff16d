import { DAY, MINUTE, type Scene, simulate } from '../support/freshness/simulate.js';
import { median, type Verdict } from './ratios.js';

export interface FreshnessBenchOptions {
  readonly spaces: number;
  /** How many weeks are simulated, each with other spaces. */
  readonly seeds: number;
  readonly onProgress: (text: string) => void;
}

/** With all rates known and no floor the ratio would be 2.9. */
const TARGETS = { ratio: 2.3, floor: 1 };

/**
 * Simulates a week of spaces whose change rates spread evenly over five decades and are unknown at the start, and
 * another in which all change their pace on the fifth day, against equal intervals at the same budget.
 */
export function benchFreshness({ spaces, seeds, onProgress }: FreshnessBenchOptions): Verdict[] {
  const ended: number[] = [];
  const adapted: number[] = [];
  const floors: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const scene: Scene = { seed, spaces, days: 7, equalMs: 10 * MINUTE, busiestMs: 2 * MINUTE };
    const equal = simulate({ ...scene, isEqual: true });
    const steady = simulate(scene);
    const shuffled = simulate({ ...scene, shuffledAt: 5 * DAY });
    const gain = (story: typeof steady, day: number) =>
      (equal.days[day]?.delayMs ?? Number.NaN) / (story.days[day]?.delayMs ?? Number.NaN);
    ended.push(Math.min(gain(steady, 5), gain(steady, 6)));
    adapted.push(gain(shuffled, 6));
    floors.push((4 * scene.equalMs) / Math.max(steady.longestMs, shuffled.longestMs));
    onProgress(`freshness: week ${seed} of ${seeds}, ${ended.at(-1)?.toFixed(2)}, then ${adapted.at(-1)?.toFixed(2)}`);
  }
  const verdict = (name: string, meaning: string, ratios: readonly number[], target: number): Verdict => ({
    name,
    meaning,
    ratio: median(ratios),
    ratios,
    target,
    context: [`${spaces} simulated spaces`],
  });
  return [
    verdict('freshness', 'time until a change shows, at equal intervals / for a budget', ended, TARGETS.ratio),
    verdict('freshness again', 'the same on the second day of other paces', adapted, TARGETS.ratio),
    verdict('freshness floor', 'four equal intervals / the longest wait of any space', floors, TARGETS.floor),
  ];
}
