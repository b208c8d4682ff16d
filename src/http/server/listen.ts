import { lstat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, type ListenOptions as NodeListenOptions } from 'node:net';
import { OvadexError } from '../../domain/model/errors.js';
import { closedToAll, giveRights, type SocketRights } from './socket-rights.js';

/** Where to listen: port 0 takes any free one. */
export type ListenTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | ({ readonly kind: 'unix'; readonly path: string } & SocketRights)
  /** A socket that somebody else opened and listens at already. */
  | { readonly kind: 'descriptor'; readonly fd: number };

type ListenOptions = NodeListenOptions | { readonly fd: number };

/** Somebody who listens takes the connection at once, even when too busy to answer. */
const PROBE_MS = 1_000;

/** Makes the server listen and answers its URL; a socket file that nobody listens at any more is replaced. */
export async function bind(server: Server, target: ListenTarget): Promise<string> {
  if (target.kind === 'tcp') {
    await listenAt(server, { host: target.host, port: target.port }, `${target.host}:${target.port}`);
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : target.port;
    return httpUrl(target.host, port);
  }
  if (target.kind === 'descriptor') {
    await listenAt(server, { fd: target.fd }, `descriptor ${target.fd}`);
    const address = server.address();
    if (typeof address === 'object' && address !== null) return httpUrl(address.address, address.port);
    return `fd:${target.fd}`; // a unix socket, whose file is the affair of whoever opened it; Node doesn't tell its name
  }
  const url = `unix:${target.path}`;
  await removeStaleSocket(target.path);
  await listenAt(server, { path: target.path }, url);
  try {
    await giveRights(target.path, target);
  } catch (error) {
    server.close(); // which removes the file
    throw error;
  }
  return url;
}

function httpUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function listenAt(server: Server, options: ListenOptions, place: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const bound = () => {
        server.off('error', reject);
        resolve();
      };
      if ('path' in options) closedToAll(() => server.listen(options, bound));
      else server.listen(options, bound);
    });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const code = error.code === 'EADDRINUSE' ? 'conflict' : 'config';
    throw new OvadexError(code, `can't listen at ${place}: ${error.message}`, { cause: error });
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return null;
    throw new OvadexError('config', `can't listen at unix:${path}: ${String(error)}`, { cause: error });
  });
  if (found === null) return;
  if (!found.isSocket())
    throw new OvadexError('config', `can't listen at unix:${path}: a file that is not a socket is in its place`);
  if (await isAnswered(path))
    throw new OvadexError('conflict', `can't listen at unix:${path}: address in use by another process`);
  await unlink(path);
}

/** False only if the system says that nobody listens. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: PROBE_MS });
    const settle = (isAlive: boolean) => {
      socket.destroy();
      resolve(isAlive);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(true));
    socket.once('error', (error) => settle(!(isSystemError(error) && error.code === 'ECONNREFUSED')));
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
