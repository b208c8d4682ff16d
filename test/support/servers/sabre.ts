import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../process/installed.js';
import { serverAccount } from './server-account.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

const MAIN = fileURLToPath(new URL('sabre-main.php', import.meta.url));
/** Debian's place for the library; it is on PHP's include_path. */
const LIBRARY = '/usr/share/php/Sabre/autoload.php';

const program = findProgram('php');

/** What sabre/dav lacks to run here, or null. */
export const sabreMissing: string | null =
  program === null || !existsSync(LIBRARY) ? 'sabre/dav (Debian: php-cli, php-sabre-dav)' : null;

/** Serves a directory by sabre/dav in PHP's own web server at the root of the answered URL. */
export async function startSabre(options: {
  readonly directory: string;
  readonly port?: number;
}): Promise<ServerProcess> {
  const { directory, port } = options;
  if (program === null) throw new Error(`This machine lacks ${sabreMissing}`);
  return startServerProcess(
    ({ port }) => ({
      program,
      // Notices of an old library under a new PHP would stand in front of the XML.
      args: ['-d', 'display_errors=0', '-d', 'error_reporting=0', '-S', `127.0.0.1:${port}`, MAIN],
      env: { DAV_DIRECTORY: directory },
      account: serverAccount,
    }),
    { port },
  );
}
