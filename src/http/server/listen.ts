import { lstat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, type ListenOptions as NodeListenOptions } from 'node:net';
import { OvadexError } from '../../domain/model/errors.js';
import { closedToAll, giveRights, type SocketRights } from './socket-rights.js';

/** The address to listen at; port 0 takes any free one. */
export type ListenTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | ({ readonly kind: 'unix'; readonly path: string } & SocketRights)
  /** A socket that another process opened and already listens at. */
  | { readonly kind: 'descriptor'; readonly fd: number };

type ListenOptions = NodeListenOptions | { readonly fd: number };

/** Longest wait for a connection, which a listening process accepts at once, even when too busy to answer. */
const PROBE_MS = 1_000;

/**
 * Makes the server listen and returns its URL. A stale socket file, at which no process listens any longer, is
 * replaced.
 */
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
    return `fd:${target.fd}`; // a unix socket: its file belongs to its opener, and Node doesn't give its name
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
    throw new OvadexError(
      'config',
      `can't listen at unix:${path}: the file there is not a socket; remove it or use another path`,
    );
  if (await isAnswered(path))
    throw new OvadexError('conflict', `can't listen at unix:${path}: address in use by another process`);
  await unlink(path);
}

/** Returns false only if the system says that no process listens there. */
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
