import Table from 'cli-table3';
import type { Verdict } from './ratios.js';

/** Whether it is below its target; so is whatever was not measured. */
export function isBelow({ ratio, target }: Verdict): boolean {
  return target !== null && !(ratio >= target);
}

/** For people: the ratios, and below them the absolute figures of this machine. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const table = new Table({
    head: ['bench', 'ratio', 'rounds', 'target', 'what is divided'],
    style: { head: [], border: [] },
  });
  for (const verdict of verdicts) {
    const { name, meaning, ratio, ratios, target } = verdict;
    const aim = target === null ? '' : `${target.toFixed(2)} ${isBelow(verdict) ? 'missed' : 'met'}`;
    table.push([name, ratio.toFixed(2), ratios.map((each) => each.toFixed(2)).join(' '), aim, meaning]);
  }
  const context = verdicts.flatMap(({ name, context: lines }) => lines.map((line) => `    ${name}: ${line}\n`));
  return `${table.toString()}\n${context.join('')}`;
}
