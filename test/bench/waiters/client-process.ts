import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onCore } from '../load.js';

export type ClientsTask =
  | {
      readonly kind: 'open';
      readonly port: number;
      readonly tokens: readonly string[];
      /** 0: without `Prefer`, so that a client that has the list asks again at once. */
      readonly waitSeconds: number;
    }
  | { readonly kind: 'expect' }
  | { readonly kind: 'close' };

export type ClientsReport =
  | { readonly kind: 'opened' | 'closed' }
  | { readonly kind: 'expecting'; readonly bytes: number }
  | { readonly kind: 'answered'; readonly at: readonly number[] }
  | { readonly kind: 'trouble'; readonly detail: string };

/** Waiting clients in a process of their own. Everything rejects with what the first of them met. */
export interface Clients {
  /** One client for each of these tokens; resolves once all have asked to wait. */
  open(port: number, tokens: readonly string[], waitSeconds?: number): Promise<void>;
  /** Does what changes all of their lists, and returns when each got its new one, in ms since the epoch, in that order. */
  answersTo(change: () => unknown): Promise<readonly number[]>;
  close(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./clients.ts', import.meta.url));
const LOAD_CORE = '1';
/** Ten times what ten thousand take on a busy machine. */
const WITHIN_MS = 60_000;
const MOST_WAIT_SECONDS = 60;

/** Starts them on the load's core. */
export function startClients(): Clients {
  const [program, args] = onCore(LOAD_CORE, process.execPath, ['--import', 'tsx', PROGRAM]);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let fail: (error: Error) => void = () => undefined;
  let told: (report: ClientsReport) => void = () => undefined;
  child.on('message', (report: ClientsReport) => {
    if (report.kind === 'trouble') fail(new Error(`a waiting client met trouble: ${report.detail}`));
    else told(report);
  });
  child.once('exit', (code) => fail(new Error(`the waiting clients ended with ${code}`)));

  const next = <Kind extends ClientsReport['kind']>(kind: Kind) =>
    new Promise<Extract<ClientsReport, { kind: Kind }>>((resolve, reject) => {
      const timer = setTimeout(() => fail(new Error(`no "${kind}" within ${WITHIN_MS} ms`)), WITHIN_MS);
      fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      told = (report) => {
        if (report.kind !== kind) return;
        clearTimeout(timer);
        resolve(report as Extract<ClientsReport, { kind: Kind }>);
      };
    });
  const does = <Kind extends ClientsReport['kind']>(task: ClientsTask, kind: Kind) => {
    const report = next(kind);
    child.send(task);
    return report;
  };
  return {
    async open(port, tokens, waitSeconds = MOST_WAIT_SECONDS) {
      await does({ kind: 'open', port, tokens, waitSeconds }, 'opened');
    },
    async answersTo(change) {
      await does({ kind: 'expect' }, 'expecting');
      const answered = next('answered');
      await change();
      return (await answered).at;
    },
    async close() {
      await does({ kind: 'close' }, 'closed');
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
