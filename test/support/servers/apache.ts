import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../process/installed.js';
import type { MountNamespace } from '../process/mount-namespace.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

/** Debian's place for them. */
const MODULE_DIRECTORY = '/usr/lib/apache2/modules';
/** Nothing else is loaded: no listing pages, no redirects, no MIME guessing. */
const MODULES = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'dav', 'dav_fs'];
const REALM = 'spaces';

const program = findProgram('apache2');

/** What Apache lacks to run here, or null. */
export const apacheMissing: string | null =
  program === null || !existsSync(join(MODULE_DIRECTORY, 'mod_dav_fs.so'))
    ? 'Apache with mod_dav_fs (Debian: apache2)'
    : null;

export interface ApacheOptions {
  readonly directory: string;
  /** For everything; without it the server is open to all. */
  readonly auth?: {
    readonly username: string;
    readonly password: string;
    /** Digest instead of Basic, with nonces that live so long. */
    readonly nonceLifetimeS?: number;
  };
  /** For a server that comes back where it was. */
  readonly port?: number;
  /** Where disks come and go for this server alone. */
  readonly mounts?: MountNamespace;
  /** Answers every request for some bytes with the whole file. */
  readonly ignoresRanges?: boolean;
}

/** Serves a directory by mod_dav_fs at the root of the answered URL. */
export async function startApache({
  directory,
  auth,
  port,
  mounts,
  ignoresRanges = false,
}: ApacheOptions): Promise<ServerProcess> {
  if (program === null) throw new Error(`This machine lacks ${apacheMissing}`);
  return startServerProcess(
    ({ port, scratch }) => {
      const locks = join(scratch, 'locks');
      mkdirSync(locks);
      chmodSync(locks, 0o777); // the serving account writes here
      if (auth !== undefined) writeFileSync(join(scratch, 'users'), `${auth.username}:${passwordEntry(auth)}\n`);
      const file = join(scratch, 'apache.conf');
      const log = join(scratch, 'error.log'); // Apache can't open a stderr that is a socket
      writeFileSync(file, configuration({ port, scratch, locks, log, directory, auth, ignoresRanges }));
      return { program, args: ['-DFOREGROUND', '-f', file], logFile: log };
    },
    { port, mounts },
  );
}

function passwordEntry({ username, password, nonceLifetimeS }: NonNullable<ApacheOptions['auth']>): string {
  if (nonceLifetimeS !== undefined) {
    return `${REALM}:${createHash('md5').update(`${username}:${REALM}:${password}`).digest('hex')}`;
  }
  // Of all htpasswd formats `{SHA}` alone needs no program of Apache's.
  return `{SHA}${createHash('sha1').update(password).digest('base64')}`;
}

function configuration(options: {
  readonly port: number;
  readonly scratch: string;
  readonly locks: string;
  readonly log: string;
  readonly directory: string;
  readonly auth: ApacheOptions['auth'];
  readonly ignoresRanges: boolean;
}): string {
  const { port, scratch, locks, log, directory, auth, ignoresRanges } = options;
  const users = [`AuthName "${REALM}"`, `AuthUserFile "${join(scratch, 'users')}"`, 'Require valid-user'];
  const scheme = auth?.nonceLifetimeS === undefined ? 'basic' : 'digest';
  const access =
    auth === undefined
      ? ['Require all granted']
      : scheme === 'basic'
        ? ['AuthType Basic', ...users]
        : ['AuthType Digest', `AuthDigestNonceLifetime ${auth.nonceLifetimeS}`, ...users];
  return [
    ...serverDirectives({ modules: [...MODULES, `auth_${scheme}`], port, scratch, locks, log }),
    `DocumentRoot "${directory}"`,
    `DavLockDB "${join(locks, 'dav')}"`,
    `<Directory "${directory}">`,
    'Dav On',
    ...(ignoresRanges ? ['MaxRanges none'] : []),
    ...access,
    '</Directory>',
    '',
  ].join('\n');
}

/** Returns the directives of a whole server of its own, with one process; what it serves comes after them. */
export function serverDirectives(options: {
  readonly modules: readonly string[];
  readonly port: number;
  readonly scratch: string;
  /** A folder that the serving account may write. */
  readonly locks: string;
  readonly log: string;
}): readonly string[] {
  const { modules, port, scratch, locks, log } = options;
  return [
    ...modules.map((name) => `LoadModule ${name}_module ${join(MODULE_DIRECTORY, `mod_${name}.so`)}`),
    `ServerRoot "${scratch}"`,
    `DefaultRuntimeDir "${scratch}"`,
    `PidFile "${join(scratch, 'apache.pid')}"`,
    `Mutex file:${locks} default`,
    `ErrorLog "${log}"`,
    'LogLevel error',
    `Listen 127.0.0.1:${port}`,
    'ServerName 127.0.0.1',
    // Apache refuses to serve as root.
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    // It ends kept connections when they idle, when all threads of a process are busy and when too many are not:
    // with one process of more threads than any test has connections none of it happens in the middle of a test.
    'KeepAlive On',
    'KeepAliveTimeout 60',
    'MaxKeepAliveRequests 0',
    ...['StartServers 1', 'ServerLimit 1', 'MinSpareThreads 1', 'MaxSpareThreads 128'],
    ...['ThreadLimit 128', 'ThreadsPerChild 128', 'MaxRequestWorkers 128'],
  ];
}
