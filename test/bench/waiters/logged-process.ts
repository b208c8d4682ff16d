import type { ChildProcess } from 'node:child_process';
import { overhear } from '../../support/secrets.js';
import { type ServerProcess, startServerProcess } from '../../support/servers/server-process.js';
import { onCore, SERVER_CORE } from '../load.js';
import { PROBED } from './memory-probe.js';

/** A server on the servers' core whose memory can be asked for. */
export interface LoggedProcess extends ServerProcess {
  readonly child: ChildProcess;
  /** All that it has written. */
  log(): string;
}

/** Starts node with these arguments for a free port, or for this one. */
export async function startLogged(
  argsFor: (port: number) => readonly string[],
  givenPort?: number,
): Promise<LoggedProcess> {
  let child: ChildProcess | undefined;
  let log = '';
  const onStart = (started: ChildProcess) => {
    child = started;
    overhear(started);
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
  };
  const server = await startServerProcess(
    ({ port }) => {
      const [program, args] = onCore(SERVER_CORE, process.execPath, [...PROBED, ...argsFor(port)]);
      return { program, args, onStart };
    },
    { port: givenPort },
  );
  if (child === undefined) throw new Error('the server has no process');
  return { ...server, child, log: () => log };
}
