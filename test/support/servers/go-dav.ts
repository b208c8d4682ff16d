import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../process/installed.js';
import { serverAccount } from './server-account.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

const MAIN = fileURLToPath(new URL('go-dav/main.go', import.meta.url));
/** Debian's place for the sources of Go's libraries. */
const LIBRARIES = '/usr/share/gocode';

const compiler = findProgram('go');

/** What a server by Go's WebDAV library lacks to run here, or null. */
export const goDavMissing: string | null =
  compiler === null || !existsSync(join(LIBRARIES, 'src/golang.org/x/net/webdav'))
    ? 'Go and its WebDAV library (Debian: golang-go, golang-golang-x-net-dev)'
    : null;

/** Serves a directory by golang.org/x/net/webdav at the root of the answered URL. */
export async function startGoDav(options: {
  readonly directory: string;
  readonly port?: number;
  /** As if on a file system that finds a name in any case and normal form. */
  readonly folds?: boolean;
}): Promise<ServerProcess> {
  const { directory, port, folds } = options;
  const flags = folds ? ['-folds'] : [];
  return startServerProcess(
    ({ port }) => ({ program: compiled(), args: [...flags, directory, `127.0.0.1:${port}`], account: serverAccount }),
    { port },
  );
}

let binary: string | undefined;

/** The server as a program, built once in this process, without asking any network. */
function compiled(): string {
  if (compiler === null) throw new Error(`This machine lacks ${goDavMissing}`);
  if (binary !== undefined) return binary;
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-go-'));
  chmodSync(directory, 0o755); // the serving account runs it
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  binary = join(directory, 'go-dav');
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: LIBRARIES,
    GOCACHE: join(directory, 'cache'),
    GOFLAGS: '',
  };
  execFileSync(compiler, ['build', '-o', binary, MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return binary;
}
