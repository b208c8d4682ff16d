import { rootCertificates } from 'node:tls';
import type { ClientConfig, PoolConfig } from 'pg';
import type { DatabaseSettings } from '../../config/sections/data.js';

/** A server that doesn't answer by then won't; a request waits no longer for a connection either. */
const CONNECT_WITHIN_MS = 10_000;

/** Returns how a database is reached; nothing of it is left to variables or files that its client would read. */
export function clientOf({ host, port, user, name, password, tls }: DatabaseSettings): ClientConfig {
  return {
    host,
    port,
    user,
    database: name,
    password: () => password?.secret ?? '',
    ssl: tls !== null && {
      ...(tls.ca === null ? {} : { ca: [...rootCertificates, tls.ca] }),
      ...(tls.identity === null ? {} : { cert: tls.identity.certificate, key: tls.identity.key }),
    },
    application_name: 'ovadex',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
  };
}

/** The same for as many connections as are allowed at once. */
export function poolOf(settings: DatabaseSettings): PoolConfig {
  return { ...clientOf(settings), max: settings.pool };
}
