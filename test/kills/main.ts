/**
 * `npm run test:kills`: kills a daemon by SIGKILL while it crawls, answers, tells a webhook and looks after its index; after
 * each kill the index is checked, and nothing that an answer had told of may be lost. In the end all copies are the lists.
 * Needs the built program.
 *   --times N   so many kills (500)
 *   --seed S    draws the same moments and changes; by chance where not given. The machine has its say in both.
 *   --json      the summary as JSON
 * Ends with 1 at the first loss.
 */
import { parseArgs } from 'node:util';
import { type KillTally, killServing } from './serving.js';

const { values: flags } = parseArgs({
  options: {
    times: { type: 'string', default: '500' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const times = wholeNumber('--times', flags.times);
const seed = flags.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', flags.seed);
const SHOW_EVERY = 25;

if (!flags.json) process.stderr.write(`seed ${seed}\n`);
try {
  const tally = await killServing({
    times,
    seed,
    onKill: ({ kills, answers, imagesKept, messages, changes }) => {
      if (flags.json || kills % SHOW_EVERY !== 0) return;
      process.stderr.write(
        `${kills} of ${times} kills, ${answers} answers, ${imagesKept} images looked for, ${messages} messages to a webhook, ` +
          `${changes} answers to followers\n`,
      );
    },
  });
  if (flags.json) process.stdout.write(`${JSON.stringify({ seed, ...tally }, null, 2)}\n`);
  else process.stdout.write(tableOf(tally));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** What was done, and what would have been found lost: nothing, or there were no table. */
function tableOf(tally: KillTally): string {
  const rows: readonly (readonly [string, number])[] = [
    ['kills', tally.kills],
    ['  in the middle of a start', tally.early],
    ['  while a webhook was told something', tally.inDelivery],
    ['damaged indexes', 0],
    ['  of so many that were checked', tally.checks],
    ['shown images that were lost', 0],
    ['  of so many', tally.imagesKept],
    ['ended syncs that were lost', 0],
    ['  of so many', tally.syncsKept],
    ['answers to callers', tally.answers],
    ['looks of another program', tally.looks],
    ['backups', tally.backups],
    ['restores that were refused', tally.refused],
    ['restores after a kill', tally.restored],
    ['messages that a webhook has taken', tally.messages],
    ['  told once more under the same id', tally.repeats],
    ['  images told as new once more, as they had changed', tally.newAgain],
    ['  lists begun anew after a restore', tally.resets],
    ['messages out of order', 0],
    ['answers to followers of changes', tally.changes],
    ['  that could not go on, and began anew', tally.anew],
    ['kills of programs that keep a copy', tally.clientKills],
    ['copies that differ from their list in the end', 0],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, count]) => `${name.padEnd(width)}  ${String(count).padStart(9)}\n`).join('');
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  process.stderr.write(`${name}: "${text}" is no whole number of at most ten digits\n`);
  process.exit(2);
}
