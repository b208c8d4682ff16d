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
    ...(tally.answers === 0 ? [] : [hostsLine(tally)]),
    `${count(total)} answers gone wrong: ${faults.map(([kind, hits]) => `${kind} ${count(hits)}`).join(', ')}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** What broke, how to see it again, and the shortest way there that was found. */
export function failureText(
  { seed, step, violation }: Pick<Failure<unknown>, 'seed' | 'step' | 'violation'>,
  { flags, replayFile, shortest }: { readonly flags: string; readonly replayFile: string; readonly shortest: string },
): string {
  const again = [
    `npm run test:soak -- --seed ${seed} --steps 1${flags}`,
    `npm run test:soak -- --replay ${replayFile}${flags}`,
  ];
  return `
broken: ${violation.message}
seed ${seed}, step ${step}; again with
${again.map((line) => `  ${line}\n`).join('')}the shortest history found:
${shortest}`;
}

function hostsLine({ answers, breaks, deaths, revoked }: Tally): string {
  return `${count(answers)} answers of hosts judged; connections broken ${count(breaks)} times, ${count(deaths)} of those hosts killed, ${count(revoked)} tokens revoked`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
