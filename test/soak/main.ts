/**
 * `npm run test:soak`: random histories of storages, faults, kills and syncs, each step held against the invariants.
 *   --hosts        several hosts over one PostgreSQL, which is started: two spaces with a crawler each at the same time, two
 *                  hosts that answer in turn; besides all that, hosts die, connections break, clocks are wrong and tokens
 *                  are revoked. What is drawn is the same for a seed; who comes first is not
 *   --steps N      so many steps at least (20000)
 *   --seed S       the number of the first history; by chance where not given
 *   --only T,...   histories about these themes alone, without other faults; see THEMES
 *   --ignore I     looks behind this invariant, which is known to be broken; as often as wanted
 *   --kills N      child processes killed by a signal in the middle of a crawl; two for each 10000 steps where not given
 *   --shrink S     looks for a shorter history for so many seconds (120)
 *   --replay FILE  plays the history in a file and nothing else
 *   --json         the summary, and the failure, as JSON
 * Ends with 1 at a broken invariant, with its seed, the way to see it again, and the shortest history that was found.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ignoreInvariants } from './check/violation.js';
import { describeHistory } from './describe.js';
import { THEMES, type Theme } from './draw/themes.js';
import type { History } from './history.js';
import { openHostsGame } from './hosts/game.js';
import { describeHostsHistory, type HostsHistory } from './hosts/history.js';
import { createOneHostGame } from './one-host.js';
import { killForReal } from './real-kills.js';
import { failureText, summaryOf } from './report.js';
import { type Failure, type Game, soak, tryHistory } from './soak.js';
import { openStage } from './stage.js';
import { createTally } from './tally.js';

const LARGEST_SEED = 2 ** 31;

const { values: flags } = parseArgs({
  options: {
    hosts: { type: 'boolean', default: false },
    steps: { type: 'string', default: '20000' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    ignore: { type: 'string', multiple: true, default: [] },
    kills: { type: 'string' },
    // Whoever waits for a counter-example rather waits a little longer for a short one.
    shrink: { type: 'string', default: '120' },
    replay: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const steps = wholeNumber('--steps', flags.steps);
const seed = flags.seed === undefined ? Math.floor(Math.random() * LARGEST_SEED) : wholeNumber('--seed', flags.seed);
const kills = flags.kills === undefined ? 2 * Math.floor(steps / 10_000) : wholeNumber('--kills', flags.kills);
const only = flags.only === '' ? [] : flags.only.split(',').map(themeOf);
ignoreInvariants(flags.ignore);
// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const startedAt = performance.now();
const tally = createTally();
const shrinkMs = 1_000 * wholeNumber('--shrink', flags.shrink);

if (flags.hosts) {
  const game = await openHostsGame(only);
  await run<HostsHistory>({ game, describe: describeHostsHistory, kill: async () => undefined, close: game.close });
} else {
  const stage = await openStage();
  await run<History>({
    game: createOneHostGame(stage, only),
    describe: describeHistory,
    kill: (at) => killForReal({ stage, tally, seed: seed + at }),
    close: stage.close,
  });
}

async function run<Played extends { readonly seed: number }>({
  game,
  describe,
  kill,
  close,
}: {
  readonly game: Game<Played>;
  readonly describe: (history: Played) => string;
  /** Kills child processes for the so-manieth time. */
  readonly kill: (at: number) => Promise<void>;
  readonly close: () => Promise<void>;
}): Promise<void> {
  const options = { game, tally, shrinkMs };
  let failure: Failure<Played> | null;
  const progress = startProgress();
  try {
    if (flags.replay !== undefined) {
      failure = await tryHistory(JSON.parse(readFileSync(flags.replay, 'utf8')) as Played, options);
    } else {
      if (!flags.json) process.stderr.write(`seed ${seed}\n`);
      failure = await soak({ ...options, steps, seed });
      for (let at = 0; at < kills && failure === null; at++) await kill(at);
    }
  } finally {
    progress.stop();
    await close();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...tally, seconds, failure: failure && asJson(failure) }, null, 2)}\n`);
  } else {
    process.stdout.write(summaryOf(tally, seconds));
    if (failure !== null) process.stdout.write(textOf(failure, describe(failure.history)));
  }
  if (failure !== null) process.exitCode = 1;
}

function asJson({ violation, ...rest }: Failure<unknown>) {
  return { ...rest, invariant: violation.invariant, message: violation.message };
}

function textOf(failure: Failure<unknown>, shortest: string): string {
  const played = `${flags.hosts ? ' --hosts' : ''}${only.length === 0 ? '' : ` --only ${only.join()}`}`;
  return failureText(failure, { flags: played, replayFile: fileOf(failure), shortest });
}

function fileOf({ history }: Failure<unknown>): string {
  const file = join(mkdtempSync(join(tmpdir(), 'ovadex-history-')), 'history.json');
  writeFileSync(file, `${JSON.stringify(history, null, 2)}\n`);
  return file;
}

/** On a terminal a line that is written again and again, in a log one now and then. */
function startProgress(): { stop: () => void } {
  const isTerminal = process.stderr.isTTY === true;
  const show = () => {
    const done = `${tally.steps} of ${steps} steps, ${tally.syncs} syncs, ${tally.kills} kills`;
    const line = `${done}, ${Math.round((performance.now() - startedAt) / 1_000)} s`;
    process.stderr.write(isTerminal ? `\r${line}\u001b[K` : `${line}\n`);
  };
  // By the process's own timer: histories have a time of theirs.
  const timer = setInterval(show, isTerminal ? 500 : 20_000);
  return {
    stop() {
      clearInterval(timer);
      if (isTerminal) process.stderr.write('\r\u001b[K');
    },
  };
}

function themeOf(text: string): Theme {
  const theme = THEMES.find((each) => each === text);
  if (theme !== undefined) return theme;
  process.stderr.write(`--only: "${text}" is no theme; there are ${THEMES.join(', ')}\n`);
  process.exit(2);
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  process.stderr.write(`${name}: "${text}" is no whole number of at most ten digits\n`);
  process.exit(2);
}
