/**
 * `npm run test:kills`: kills a daemon by SIGKILL while it crawls, answers, tells a webhook and looks after its index; after
 * each kill the index is checked, and nothing that an answer had told of may be lost. In the end all copies are the lists.
 * Needs the built program.
 *   --cluster   kills processes of a cluster instead, hosts that answer, hosts that crawl and those of the database: nobody
 *               may be told what there never was, nor go back, and no space be synced twice at a time
 *   --times N   so many kills (500)
 *   --seed S    draws the same moments and changes; by chance where not given. The machine has its say in both.
 *   --json      the summary as JSON
 * Ends with 1 at the first loss.
 */
import { parseArgs } from 'node:util';
import { type ClusterTally, killCluster } from './cluster.js';
import { type KillTally, killServing } from './serving.js';

const { values: flags } = parseArgs({
  options: {
    cluster: { type: 'boolean', default: false },
    times: { type: 'string', default: '500' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const times = wholeNumber('--times', flags.times);
const seed = flags.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', flags.seed);
const SHOW_EVERY = 25;
const SHOW_EVERY_OF_CLUSTER = 5;

if (!flags.json) process.stderr.write(`seed ${seed}\n`);
try {
  if (flags.cluster) {
    const tally = await killCluster({
      times,
      seed,
      onKill: ({ kills, answers, agreed }) =>
        show(kills, SHOW_EVERY_OF_CLUSTER, `${answers} answers, all found right ${agreed} times`),
    });
    tell(tally, rowsOfCluster(tally));
  } else {
    const tally = await killServing({
      times,
      seed,
      onKill: ({ kills, answers, imagesKept, messages, changes }) =>
        show(
          kills,
          SHOW_EVERY,
          `${answers} answers, ${imagesKept} images looked for, ${messages} messages to a webhook, ${changes} answers to followers`,
        ),
    });
    tell(tally, rowsOf(tally));
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

type Row = readonly [what: string, count: number];

function show(kills: number, every: number, what: string): void {
  if (!flags.json && kills % every === 0) process.stderr.write(`${kills} of ${times} kills, ${what}\n`);
}

function tell(tally: object, rows: readonly Row[]): void {
  if (flags.json) process.stdout.write(`${JSON.stringify({ seed, ...tally }, null, 2)}\n`);
  else process.stdout.write(tableOf(rows));
}

/** What was done, and what would have been found wrong: nothing, or there were no table. */
function rowsOfCluster(tally: ClusterTally): readonly Row[] {
  return [
    ['kills', tally.kills],
    ['  of hosts that answer', tally.apis],
    ['  of hosts that crawl', tally.crawlers],
    ['  of backends of the database', tally.backends],
    ['  of its first process', tally.postmasters],
    ['answers with a list or its changes', tally.answers],
    ['  of so many versions', tally.versions],
    ['  that tell a list that there never was', 0],
    ['  that go back', 0],
    ['  the longest time behind a commit, ms', tally.behindMs],
    ['answers 503 with a time to ask again', tally.refused],
    ['questions to hosts that were not there', tally.broken],
    ['leases that were taken before they ended', 0],
    ['times at which all lists were the storage\u2019s', tally.agreed],
    ['syncs that were taken, of which none is left', tally.syncs],
    ['damage that pg_amcheck finds', 0],
  ];
}

/** What was done, and what would have been found lost: nothing, or there were no table. */
function rowsOf(tally: KillTally): readonly Row[] {
  return [
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
}

function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, count]) => `${name.padEnd(width)}  ${String(count).padStart(9)}\n`).join('');
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  process.stderr.write(`${name}: "${text}" is no whole number of at most ten digits\n`);
  process.exit(2);
}
