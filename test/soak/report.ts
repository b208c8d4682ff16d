import { describeHistory } from './describe.js';
import type { Failure } from './soak.js';
import type { Tally } from './tally.js';

/** What was done, in some lines. */
export function summaryOf(tally: Tally, seconds: number): string {
  const { histories, steps, syncs, requests, searches, kills, realKills, steals, truths, skipped, oneRequest } = tally;
  const faults = Object.entries(tally.faults).sort((a, b) => b[1] - a[1]);
  const total = faults.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${count(steps)} steps in ${count(histories)} histories, ${seconds.toFixed(1)} s`,
    `${count(syncs)} syncs, ${count(truths)} of them proven to end in the truth; ${count(requests)} requests, ${count(searches)} of them searches`,
    `${count(skipped)} collections rightly skipped by incremental syncs, ${count(oneRequest)} of which listed one at most`,
    `${count(kills)} processes killed, ${count(realKills)} of them by a signal; ${count(steals)} syncs taken over from sleepers`,
    `${count(total)} answers gone wrong: ${faults.map(([kind, hits]) => `${kind} ${count(hits)}`).join(', ')}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** What broke, how to see it again, and the shortest way there that was found. */
export function failureText(failure: Failure, replayFile: string | null, only: readonly string[] = []): string {
  const { seed, step, violation, history } = failure;
  const again = [`npm run test:soak -- --seed ${seed} --steps 1${only.length === 0 ? '' : ` --only ${only.join()}`}`];
  if (replayFile !== null) again.push(`npm run test:soak -- --replay ${replayFile}`);
  return `
broken: ${violation.message}
seed ${seed}, step ${step}; again with
${again.map((line) => `  ${line}\n`).join('')}the shortest history found:
${describeHistory(history)}`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
