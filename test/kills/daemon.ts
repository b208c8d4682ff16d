import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { overhear } from '../support/secrets.js';

/** `ovadex serve` as a process that may be killed at any moment. */
export interface Daemon {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  log(): string;
  /** Its URL once it serves; null if it ends before. */
  ready(): Promise<string | null>;
}

const LOOK_EVERY_MS = 5;
/** It is up within a second; a machine that does much else takes longer. */
const READY_WITHIN_MS = 60_000;

/** `before` are commands of bash in whose process the daemon starts, such as `ulimit -f 1024`. */
export function startDaemon(argv: readonly string[], before: string | null = null): Daemon {
  const [program, args] =
    before === null
      ? [process.execPath, argv]
      : ['bash', ['-c', `${before}; exec "$0" "$@"`, process.execPath, ...argv]];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  overhear(child);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  return {
    child,
    exited,
    log: () => log,
    async ready() {
      const deadline = Date.now() + READY_WITHIN_MS;
      while (child.exitCode === null && child.signalCode === null) {
        const url = /"url":"([^"]+)".*"msg":"ovadex serves"/.exec(log)?.[1];
        if (url !== undefined) return url;
        if (Date.now() > deadline) throw new Error(`the daemon does not come up: ${log}`);
        await delay(LOOK_EVERY_MS);
      }
      return null;
    },
  };
}
