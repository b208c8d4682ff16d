/**
 * `npm run test:years`: a daemon through an hour's worth of scheduled syncs, the hour taking a minute or as long as the
 * machine needs, and what it took at its beginning and its end. Needs the built program and Linux.
 *   --spaces N   so many (1000)
 *   --rounds N   of the schedule, four an hour (4)
 * Ends with 1 where anything grew beyond its bound or a sync failed.
 */
import { parseArgs } from 'node:util';
import { BOUNDS, type Footprint, runHour } from './hour.js';

const { values: flags } = parseArgs({
  options: { spaces: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '4' } },
});
const hour = await runHour({
  spaces: wholeNumber('--spaces', flags.spaces),
  rounds: wholeNumber('--rounds', flags.rounds),
});
process.stdout.write(
  `${hour.syncs} scheduled syncs in ${Math.round(hour.elapsedMs / 1000)} s, ${hour.failed} failed\n`,
);
const names = Object.keys(BOUNDS) as (keyof Footprint)[];
const grown = names.map((name) => ({ name, by: hour.after[name] - hour.before[name] }));
for (const { name, by } of grown) {
  process.stdout.write(`${name}: ${hour.before[name]} to ${hour.after[name]}, ${by} more; bound ${BOUNDS[name]}\n`);
}
if (hour.failed > 0 || grown.some(({ name, by }) => by > BOUNDS[name])) process.exitCode = 1;

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  process.stderr.write(`${name}: "${text}" is no whole number from 1 to 999999\n`);
  process.exit(2);
}
