import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../process/installed.js';
import { serverAccount } from './server-account.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

/** Debian's place for its modules. */
const MODULE = '/usr/lib/lighttpd/mod_webdav.so';

const program = findProgram('lighttpd');

/** What lighttpd lacks to run here, or null. */
export const lighttpdMissing: string | null =
  program === null || !existsSync(MODULE) ? 'lighttpd with mod_webdav (Debian: lighttpd, lighttpd-mod-webdav)' : null;

/** Serves a directory by lighttpd's mod_webdav at the root of the answered URL. */
export async function startLighttpd({ directory }: { readonly directory: string }): Promise<ServerProcess> {
  if (program === null) throw new Error(`This machine lacks ${lighttpdMissing}`);
  return startServerProcess(({ port, scratch }) => {
    const file = join(scratch, 'lighttpd.conf');
    writeFileSync(file, configuration({ port, directory }));
    return { program, args: ['-D', '-f', file] };
  });
}

function configuration(options: { readonly port: number; readonly directory: string }): string {
  const { port, directory } = options;
  return [
    'server.modules = ("mod_webdav")',
    'server.bind = "127.0.0.1"',
    `server.port = ${port}`,
    `server.document-root = "${directory}"`,
    ...(serverAccount === null
      ? []
      : [`server.username = "${serverAccount.name}"`, `server.groupname = "${serverAccount.name}"`]),
    // It remembers what it saw of a path for a second or two.
    'server.stat-cache-engine = "disable"',
    // Connections end neither after some requests nor when they idle for a moment, not in the middle of a test.
    'server.max-keep-alive-requests = 65535',
    'server.max-keep-alive-idle = 60',
    'webdav.activate = "enable"',
    'webdav.is-readonly = "enable"',
    '',
  ].join('\n');
}
