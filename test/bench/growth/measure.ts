import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { peakRss } from '../child.js';
import { processorClockOf } from '../processor-time.js';
import type { Cost, CostOfTime } from './cost.js';

/** Less, over however long, is a matter of chance. */
const LEAST_MS = 10;

/** At its end a process writes what it has taken to this descriptor. */
const TOLD_AT = 3;
const TELL = `import { writeSync } from 'node:fs';
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(${TOLD_AT}, JSON.stringify([(userCPUTime + systemCPUTime) / 1000, maxRSS * 1024]));
});`;

/** Runs node with these arguments to its end, and says what that took. Throws with what it said if it fails. */
export async function costOfRun(
  argv: readonly string[],
  { env = process.env, onError }: { env?: NodeJS.ProcessEnv; onError?: (text: string) => void } = {},
): Promise<Cost & { readonly stdout: string }> {
  const told = `data:text/javascript,${encodeURIComponent(TELL)}`;
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, ['--import', told, ...argv], { stdio: [...stdio], env });
  const texts: string[] = ['', '', '', ''];
  for (const at of [1, 2, TOLD_AT]) {
    child.stdio[at]?.on('data', (chunk: Buffer) => {
      texts[at] += chunk.toString();
      if (at === 2) onError?.(chunk.toString());
    });
  }
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const [, stdout = '', stderr = '', usage = ''] = texts;
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr || stdout}`);
  const [cpuMs = 0, peakBytes = 0] = JSON.parse(usage) as number[];
  return { cpuMs, peakBytes, stdout };
}

/** What a process takes that goes on, while something is done, and `leastMs` if that is less; its peak of memory is that of this time. */
export async function costWhile(
  pid: number | undefined,
  work: () => Promise<unknown>,
  leastMs = LEAST_MS,
): Promise<CostOfTime> {
  // The kernel begins its peak anew (proc_pid_clear_refs(5)).
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const startedAt = performance.now();
  const taken = processorClockOf(pid);
  await work();
  const cpuMs = Math.max(leastMs, taken());
  return { cpuMs, wallMs: performance.now() - startedAt, peakBytes: peakRss(pid) };
}
