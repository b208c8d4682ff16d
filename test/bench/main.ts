/**
 * `npm run bench`: compares ovadex with what it could have been, as ratios of two
 * things measured in one run.
 *   --quick   a smaller tree and short rounds: shows that the benches work, not how fast anything is
 *   --check   ends with 1 if a ratio lies below its target
 *   --json    the verdicts as JSON instead of a table
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { apacheMissing } from '../support/apache.js';
import { benchCrawl } from './crawl.js';
import { benchList } from './list.js';
import type { Verdict } from './ratios.js';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

if (apacheMissing !== null) {
  process.stderr.write(`The benches need ${apacheMissing}.\n`);
  process.exit(1);
}

const onProgress = (text: string) => process.stderr.write(`${text}\n`);
const crawled = await benchCrawl(
  flags.quick
    ? { collections: 100, files: 1_000, rounds: 1, onProgress }
    : { collections: 2_500, files: 28_000, rounds: 5, onProgress },
);
const listed = await benchList(
  flags.quick ? { rounds: 1, secondsEach: 1, onProgress } : { rounds: 5, secondsEach: 4, onProgress },
);
// The targets are meant for the whole tree: so small a one is mostly start.
const verdicts = [...(flags.quick ? crawled.map((each) => ({ ...each, target: null })) : crawled), listed];

const isBelow = ({ ratio, target }: Verdict) => target !== null && ratio < target;
process.stdout.write(flags.json ? `${JSON.stringify(verdicts, null, 2)}\n` : tableOf(verdicts));
if (flags.check && verdicts.some(isBelow)) process.exitCode = 1;

function tableOf(rows: readonly Verdict[]): string {
  const table = new Table({
    head: ['bench', 'ratio', 'rounds', 'target', 'what is divided'],
    style: { head: [], border: [] },
  });
  for (const { name, meaning, ratio, ratios, target } of rows) {
    const aim = target === null ? '' : `${target.toFixed(1)} ${ratio < target ? 'missed' : 'met'}`;
    table.push([name, ratio.toFixed(2), ratios.map((each) => each.toFixed(2)).join(' '), aim, meaning]);
  }
  const context = rows.flatMap(({ name, context: lines }) => lines.map((line) => `    ${name}: ${line}\n`));
  return `${table.toString()}\n${context.join('')}`;
}
