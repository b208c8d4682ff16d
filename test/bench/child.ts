import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface MeasuredRun {
  readonly stdout: string;
  /** From the start of the process to its end. */
  readonly wallMs: number;
  /** The most memory it held at once, as the kernel counts it; null where it doesn't say. */
  readonly peakRssBytes: number | null;
}

/** Whatever runs longer than this hangs: ten times what the longest takes here. */
const END_WITHIN_MS = 600_000;
/** The kernel keeps the peak itself; the last look before the end is at most this old. */
const LOOK_EVERY_MS = 20;

/** Runs a program to its end. Throws with its stderr if it fails. */
export async function runMeasured(program: string, args: readonly string[]): Promise<MeasuredRun> {
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let peakRssBytes: number | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const look = setInterval(() => {
    peakRssBytes = peakRss(child.pid) ?? peakRssBytes;
  }, LOOK_EVERY_MS);
  const limit = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const wallMs = performance.now() - startedAt;
  clearInterval(look);
  clearTimeout(limit);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr || stdout}`);
  return { stdout, wallMs, peakRssBytes };
}

/** VmHWM of Linux's proc(5); null where there is none. */
export function peakRss(pid: number | 'self' | undefined): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? null : Number(found[1]) * 1024;
  } catch (error) {
    // Not Linux, or the process has just ended.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}
