import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import workers from 'node:worker_threads';

/** What was refused since it was last taken, and where it was asked for. */
const refused: string[] = [];
let isInPlace = false;

/**
 * From now on nothing in this process reaches beyond its memory and its own files: sockets, databases, watchers of files, programs
 * and threads are refused with an error that says where such a test belongs. Once for a process: there is no way back.
 */
export function refuseOutside(): void {
  if (isInPlace) return;
  isInPlace = true;
  replace(net.Server.prototype, 'listen', 'a socket that listens');
  replace(net.Socket.prototype, 'connect', 'a connection');
  replace(dgram.Socket.prototype, 'bind', 'a socket');
  for (const name of ['watch', 'watchFile']) replace(fs, name, 'a watcher of files');
  replace(fs.promises, 'watch', 'a watcher of files');
  for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']) {
    replace(childProcess, name, 'a program');
  }
  replace(workers, 'Worker', 'a thread');
  // SQLite's library is loaded when the first database is opened, in memory or in a file.
  const load = process.dlopen;
  process.dlopen = (...given) => (/better.sqlite3/.test(String(given[1])) ? refuse('a database') : load(...given));
  syncBuiltinESMExports();
}

/** What was refused since the last call: code that is tested may have taken the error for one that it expects. */
export function takeRefused(): readonly string[] {
  return refused.splice(0);
}

function replace(owner: object, name: string, what: string): void {
  // A function, not an arrow: a thread is made by `new`.
  Object.assign(owner, {
    [name]: function outside() {
      refuse(what);
    },
  });
}

function refuse(what: string): never {
  const error = new Error(`${what} in a test of logic alone: its file has to be named *.integration.test.ts`);
  refused.push(error.stack ?? error.message);
  throw error;
}
