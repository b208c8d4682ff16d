import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import type { OpenLine } from './changes.js';

/** On which the triggers of the schema tell what was written. */
const CHANNEL = 'ovadex_written';
/** A database that stands still for a moment goes on with the same line; one that is cut off needs another. */
const ANSWERED_WITHIN_MS = 2_000;

/** Opens lines to a PostgreSQL server, each a connection of its own. A pooler in between has to keep sessions. */
export function createLines(config: ClientConfig): OpenLine {
  return async ({ onWritten, onLost }, signal) => {
    signal.throwIfAborted();
    const socket = new Socket();
    const client = new Client({
      ...config,
      stream: () => socket,
      connectionTimeoutMillis: ANSWERED_WITHIN_MS,
      query_timeout: ANSWERED_WITHIN_MS,
    });
    const cutOff = () => void socket.destroy();
    client.on('notification', onWritten);
    client.on('error', onLost);
    client.on('end', onLost);
    signal.addEventListener('abort', cutOff, { once: true });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      cutOff();
      throw error;
    } finally {
      signal.removeEventListener('abort', cutOff);
    }
    return {
      async beat() {
        await client.query('SELECT 1');
      },
      // A server takes a connection that is closed like this for one that has come to its end.
      end: cutOff,
    };
  };
}
