import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../process/installed.js';
import { serverAccount } from './server-account.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

const program = findProgram('yaws');

/** What Yaws lacks to run here, or null. */
export const yawsMissing: string | null = program === null ? 'Yaws (Debian: yaws)' : null;

/** Serves a directory by Yaws, a web server in Erlang, at the root of the answered URL. */
export async function startYaws(options: {
  readonly directory: string;
  readonly port?: number;
}): Promise<ServerProcess> {
  const { directory, port } = options;
  if (program === null) throw new Error(`This machine lacks ${yawsMissing}`);
  return startServerProcess(
    ({ port, scratch }) => {
      const own = join(scratch, 'own');
      mkdirSync(own);
      if (serverAccount !== null) chownSync(own, serverAccount.uid, serverAccount.gid);
      const file = join(scratch, 'yaws.conf');
      writeFileSync(file, configuration({ port, own, directory }));
      return {
        program,
        args: ['--conf', file, '--erlarg', '-noshell -noinput'],
        env: { HOME: own, LC_ALL: 'C' },
        logFile: join(own, 'report.log'),
        account: serverAccount,
      };
    },
    { port },
  );
}

function configuration(options: { readonly port: number; readonly own: string; readonly directory: string }): string {
  const { port, own, directory } = options;
  return `
logdir = ${own}
copy_error_log = false
fail_on_bind_err = true
<server 127.0.0.1>
  port = ${port}
  listen = 127.0.0.1
  docroot = ${directory}
  dav = true
  access_log = false
</server>
`;
}
