import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** What the kernel holds for clients at one moment because they have not taken it. */
export interface Unacknowledged {
  /**
   * Returns a text that changes when the client of this connection has taken something; empty if nothing is known, for
   * example of a unix socket.
   */
  of(socket: Pick<Socket, 'localPort' | 'remotePort'>): string;
}

/** A line as in proc(5): `sl local_address rem_address st tx_queue:rx_queue ...`, in hexadecimal. */
const LINE = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/;

/**
 * Reads the send queues of all TCP connections. Linux wakes a writer only when a third of its buffer is free, which is
 * some megabytes on a fast line: until then a slow reader looks as if it had taken nothing for minutes.
 */
export async function readUnacknowledged(): Promise<Unacknowledged> {
  const tables = await Promise.all(['/proc/self/net/tcp', '/proc/self/net/tcp6'].map(readTable));
  return parseUnacknowledged(tables.join('\n'));
}

/**
 * Identifies connections by their two ports alone: clients of two hosts with the same port cannot be told apart, and
 * both are taken to move.
 */
export function parseUnacknowledged(tables: string): Unacknowledged {
  const queues = new Map<string, string>();
  for (const line of tables.split('\n')) {
    const [, local, remote, queue] = LINE.exec(line) ?? [];
    if (local === undefined) continue;
    const key = `${Number.parseInt(local, 16)}:${Number.parseInt(remote ?? '', 16)}`;
    queues.set(key, `${queues.get(key) ?? ''}${queue} `);
  }
  return { of: ({ localPort, remotePort }) => queues.get(`${localPort}:${remotePort}`) ?? '' };
}

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    // Not Linux, no IPv6, or hidden by a sandbox.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
