import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { ServerCommand } from '../servers/server-process.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
/** A crawl of two small spaces on a busy machine. */
export const READY_MS = 60_000;

/** `ovadex demo` as a newcomer runs it, but with a temporary directory that can be looked into. */
export interface RunningDemo {
  readonly temporary: string;
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  until(text: string, withinMs?: number): Promise<void>;
  /** Interrupts it and answers its exit code. */
  stop(): Promise<number | null>;
  /** Its exit code, once it has ended by itself. */
  ended(): Promise<number | null>;
}

/** Starts it with these words behind `demo`; `wrap` changes how it is started. */
export async function startDemo(
  words: readonly string[] = [],
  wrap: (command: ServerCommand) => ServerCommand = (command) => command,
): Promise<RunningDemo> {
  const temporary = await mkdtemp(join(tmpdir(), 'ovadex-demo-test-'));
  // Others, whom it starts as another user, have to get in.
  chmodSync(temporary, 0o711);
  const { program, args } = wrap({ program: process.execPath, args: [MAIN, 'demo', ...words] });
  const child = spawn(program, args, { env: { ...process.env, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = async () => (await exited)[0];
  return {
    temporary,
    child,
    output,
    async until(text, withinMs = READY_MS) {
      const hasCome = () => output.stdout.includes(text);
      await vi.waitUntil(() => hasCome() || child.exitCode !== null, { timeout: withinMs, interval: 50 });
      if (!hasCome()) throw new Error(`the demo ended early:\n${output.stdout}${output.stderr}`);
    },
    async stop() {
      child.kill('SIGINT');
      return await ended();
    },
    ended,
  };
}
