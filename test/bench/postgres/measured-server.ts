import { readdirSync } from 'node:fs';
import { type PostgresOptions, type PostgresServer, startPostgres } from '../../support/servers/postgres.js';
import { timeOf } from './process-time.js';

/** A server, and what it has cost. */
export interface MeasuredServer extends PostgresServer {
  /** The processor time of all of its processes since it was started, in ms, in steps of 10. */
  processorMs(): number;
}

/** Starts a server that asks its disk for each commit, with the memory that a small host would give it. */
export async function startMeasured(options: PostgresOptions = {}): Promise<MeasuredServer> {
  const settings = { shared_buffers: '1GB', maintenance_work_mem: '512MB', max_wal_size: '4GB', ...options.settings };
  const server = await startPostgres({ isDurable: true, ...options, settings });
  const [row] = await server.query(`SELECT pg_read_file('postmaster.pid') AS text`);
  const first = Number.parseInt(`${row?.['text']}`, 10);
  return { ...server, processorMs: () => processorMsOf(first) };
}

function processorMsOf(first: number): number {
  let sum = 0;
  for (const entry of readdirSync('/proc')) {
    const time = Number(entry) > 0 ? timeOf(entry) : null;
    if (time === null) continue;
    if (Number(entry) === first) sum += time.ownMs + time.endedMs;
    else if (time.parent === first) sum += time.ownMs;
  }
  return sum;
}
