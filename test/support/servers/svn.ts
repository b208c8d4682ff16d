import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findProgram } from '../process/installed.js';
import { serverDirectives } from './apache.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

/** Debian's place for Apache's modules. */
const MODULE_DIRECTORY = '/usr/lib/apache2/modules';
const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'dav', 'dav_svn'];

const program = findProgram('apache2');

/** What Subversion lacks to run here, or null. */
export const svnMissing: string | null =
  program === null ||
  !existsSync(join(MODULE_DIRECTORY, 'mod_dav_svn.so')) ||
  ['svnadmin', 'svnmucc'].some((name) => findProgram(name) === null)
    ? 'Apache with mod_dav_svn (Debian: apache2, libapache2-mod-svn, subversion)'
    : null;

/** The repository lies in the directory that it follows, and goes with it. */
const REPOSITORY = '.repository';
const repositoryOf = (directory: string) => join(directory, REPOSITORY);

/** What each repository had at its last commit, and the number of that. */
const committed = new Map<string, { readonly revision: number; readonly content: Snapshot }>();

/** Commits, as one revision, what differs in the directory since the last time. */
export function commitToSvn(directory: string): void {
  const known = committed.get(directory);
  if (known === undefined) run('svnadmin', ['create', repositoryOf(directory)]);
  const { revision, content: before } = known ?? { revision: 0, content: new Map() };
  const now = snapshot(directory);
  const actions = differences(before, now, directory);
  if (actions.length === 0) return;
  const own = (name: string) => join(repositoryOf(directory), name);
  writeFileSync(own('actions'), `${actions.join('\n')}\n`);
  const root = pathToFileURL(repositoryOf(directory)).href;
  run('svnmucc', ['--non-interactive', '--message', 'as on disk', '--root-url', root, '--extra-args', own('actions')]);
  // The date of what was changed, as if it had been committed at once: one that tests can set back.
  const date = new Date(newestChange(directory, before, now)).toISOString();
  writeFileSync(own('date'), date.replace('Z', '000Z'));
  run('svnadmin', ['setrevprop', repositoryOf(directory), '-r', `${revision + 1}`, 'svn:date', own('date')]);
  committed.set(directory, { revision: revision + 1, content: now });
}

/** Commits a directory and serves what is committed by mod_dav_svn at the root of the answered URL. */
export async function startSvn(options: {
  readonly directory: string;
  readonly port?: number;
}): Promise<ServerProcess> {
  const { directory, port } = options;
  commitToSvn(directory);
  if (program === null) throw new Error(`This machine lacks ${svnMissing}`);
  return startServerProcess(
    ({ port, scratch }) => {
      const locks = join(scratch, 'locks');
      mkdirSync(locks);
      chmodSync(locks, 0o777); // the serving account writes here
      const file = join(scratch, 'apache.conf');
      const log = join(scratch, 'error.log'); // Apache can't open a stderr that is a socket
      writeFileSync(file, configuration({ port, scratch, locks, log, path: repositoryOf(directory) }));
      return { program, args: ['-DFOREGROUND', '-f', file], logFile: log };
    },
    { port },
  );
}

/** The content of each file, null for a directory. */
type Snapshot = ReadonlyMap<string, string | null>;

function snapshot(directory: string): Snapshot {
  const found = new Map<string, string | null>();
  const look = (below: string) => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      if (entry.name === REPOSITORY) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      found.set(path, entry.isDirectory() ? null : readFileSync(join(directory, path), 'latin1'));
      if (entry.isDirectory()) look(path);
    }
  };
  look('');
  return found;
}

/** Arguments of svnmucc, one a line, that make the second of the first. */
function differences(before: Snapshot, after: Snapshot, directory: string): string[] {
  const isOther = (path: string) => !after.has(path) || (after.get(path) === null) !== (before.get(path) === null);
  const gone = [...before.keys()].filter(isOther);
  const removed = gone.filter((path) => !gone.some((above) => path.startsWith(`${above}/`)));
  const actions = removed.flatMap((path) => ['rm', urlOf(path)]);
  for (const path of [...after.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const content = after.get(path);
    const was = gone.includes(path) ? undefined : before.get(path);
    if (content === was) continue;
    if (content === null) actions.push('mkdir', urlOf(path));
    else actions.push('put', join(directory, path), urlOf(path));
  }
  return actions;
}

/** When the last of what differs was changed on disk, in ms since the epoch; a directory is by what goes from it. */
function newestChange(directory: string, before: Snapshot, after: Snapshot): number {
  const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path) || !before.has(path));
  const left = [...before.keys()].filter((path) => !after.has(path)).map((path) => dirname(path));
  const isThere = (path: string) => path === '.' || after.has(path);
  const times = [...changed, ...left].filter(isThere).map((path) => statSync(join(directory, path)).mtimeMs);
  return Math.max(0, ...times);
}

/** Escaped as Subversion takes it: a bare `@` would begin a revision. */
function urlOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function run(name: string, args: readonly string[]): void {
  // In another locale Subversion takes no name but ASCII ones.
  execFileSync(name, args, { env: { ...process.env, LC_ALL: 'C.UTF-8' }, stdio: ['ignore', 'ignore', 'pipe'] });
}

function configuration(options: {
  readonly port: number;
  readonly scratch: string;
  readonly locks: string;
  readonly log: string;
  readonly path: string;
}): string {
  const { port, scratch, locks, log, path } = options;
  return [
    ...serverDirectives({ modules: MODULES, port, scratch, locks, log }),
    '<Location "/">',
    'DAV svn',
    `SVNPath "${path}"`,
    'Require all granted',
    '</Location>',
    '',
  ].join('\n');
}
