import { rootCertificates } from 'node:tls';
import type { ClientConfig, PoolConfig } from 'pg';
import type { DatabaseSettings } from '../../config/sections/data.js';
import { OvadexError } from '../../domain/model/errors.js';

/** A server that doesn't answer by then won't; a request waits no longer for a connection either. */
const CONNECT_WITHIN_MS = 10_000;

/** Returns how a database is reached; nothing of it is left to variables or files that its client would read. */
export function clientOf({ host, port, user, name, password, tls }: DatabaseSettings): ClientConfig {
  return {
    host,
    port,
    user,
    database: name,
    password: () => secretOf(password),
    ssl: tls !== null && {
      ...(tls.ca === null ? {} : { ca: [...rootCertificates, tls.ca] }),
      ...(tls.identity === null ? {} : { cert: tls.identity.certificate, key: tls.identity.key }),
    },
    application_name: 'ovadex',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
  };
}

/** Asked for only by a server that wants one: of an empty one the client would say what only its authors understand. */
function secretOf(password: DatabaseSettings['password']): string {
  if (password !== null) return password.secret;
  throw new OvadexError(
    'index',
    'the database asks for a password, and none is given: name a file with it (passwordFile)',
  );
}

/** The same for as many connections as are allowed at once. */
export function poolOf(settings: DatabaseSettings): PoolConfig {
  return { ...clientOf(settings), max: settings.pool };
}
