import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that the demo has started. */
export interface Child {
  /** Whether it still runs. */
  isRunning(): boolean;
  /** The end of what it has written. */
  said(): string;
  /** Asks it to end by this signal, and kills it if it takes too long. Resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface ChildOptions {
  readonly cwd: string;
  /** Whom it runs as; whoever starts it if left out. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A daemon may take ten seconds to end; whoever has asked for the end waits no longer. */
const ENDS_WITHIN_MS = 8_000;
const KEPT_CHARACTERS = 4_000;

/**
 * Starts a program in a process group of its own, so that a Ctrl-C reaches the demo alone, which ends the others in
 * their order. If the demo ends without that, they are killed.
 */
export function startChild(program: string, args: readonly string[], { cwd, account }: ChildOptions): Child {
  const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...account });
  let said = '';
  const note = (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  };
  child.stdout.setEncoding('utf8').on('data', note);
  child.stderr.setEncoding('utf8').on('data', note);
  child.on('error', (error) => note(error.message));
  const killIt = () => void child.kill('SIGKILL');
  process.once('exit', killIt);
  child.once('close', () => process.off('exit', killIt));
  const isRunning = () => hasStarted(child) && child.exitCode === null && child.signalCode === null;
  return {
    isRunning,
    said: () => said.trim(),
    async end(signal) {
      if (!isRunning()) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      const impatient = setTimeout(killIt, ENDS_WITHIN_MS);
      await ended.finally(() => clearTimeout(impatient));
    },
  };
}

function hasStarted({ pid }: ChildProcess): boolean {
  return pid !== undefined;
}
