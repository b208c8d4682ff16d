import { spawn } from 'node:child_process';

/** At its end a process writes what it has taken, in µs, to this descriptor. */
const TOLD_AT = 3;
const TELL = `import { writeSync } from 'node:fs';
process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(${TOLD_AT}, String(userCPUTime + systemCPUTime));
});`;

/** The processor time of node with these arguments, in seconds, whatever its exit code: other programs cost it nothing. */
export async function processorSeconds(argv: readonly string[]): Promise<number> {
  const told = `data:text/javascript,${encodeURIComponent(TELL)}`;
  const child = spawn(process.execPath, ['--import', told, ...argv], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  let microseconds = '';
  child.stdio[TOLD_AT]?.on('data', (chunk: Buffer) => {
    microseconds += chunk.toString();
  });
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  if (microseconds === '') throw new Error(`${argv.join(' ')} has not told what it took`);
  return Number(microseconds) / 1e6;
}

/** The least of several runs: the rest is what the machine adds. */
export async function leastSeconds(argv: readonly string[], runs: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) least = Math.min(least, await processorSeconds(argv));
  return least;
}
