/**
 * `npm run test:kills`: kills a daemon by SIGKILL while it crawls, answers and looks after its index; after each kill the
 * index is checked, and nothing that an answer had told of may be lost. Needs the built program.
 *   --times N   so many kills (500)
 *   --seed S    draws the same moments and changes; by chance where not given. The machine has its say in both.
 *   --json      the summary as JSON
 * Ends with 1 at the first loss.
 */
import { parseArgs } from 'node:util';
import { killServing } from './serving.js';

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
    onKill: ({ kills, answers, imagesKept }) => {
      if (flags.json || kills % SHOW_EVERY !== 0) return;
      process.stderr.write(`${kills} of ${times} kills, ${answers} answers, ${imagesKept} images looked for\n`);
    },
  });
  const { kills, early, checks, answers, syncsKept, imagesKept, looks, backups, refused, restored } = tally;
  if (flags.json) process.stdout.write(`${JSON.stringify({ seed, ...tally }, null, 2)}\n`);
  else {
    process.stdout.write(
      `${kills} kills, ${early} of them in a start: 0 damaged indexes of ${checks}, 0 of ${imagesKept} shown images and ` +
        `0 of ${syncsKept} ended syncs lost, ${answers} answers; beside it ${looks} looks of another program, ${backups} backups, ` +
        `${refused} restores refused and ${restored} after a kill; in the end every list is what the storage has\n`,
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  process.stderr.write(`${name}: "${text}" is no whole number of at most ten digits\n`);
  process.exit(2);
}
