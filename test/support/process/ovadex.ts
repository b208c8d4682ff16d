import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { captureIo } from '../../cli/captured-io.js';
import { shareDocument } from '../checked-fetch.js';
import { noteAuthorization, noteSecretFile, noteSettings, overhear, overhearText } from '../secrets.js';
import { endChild, freePort, type ServerProcess, startServerProcess } from '../servers/server-process.js';
import { isThorough } from '../thorough.js';

/** The program as `npm run build` leaves it. */
const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const PROGRAM = new URL('../../../dist/program.js', import.meta.url).href;

/** A sync of the largest tree here takes seconds; rclone on a loaded machine ten times as long. */
const RUN_WITHIN_MS = 120_000;

/** A process of its own shows nothing about a real server: there, thorough tests sync in theirs as well. */
const startsSyncs = isThorough && process.env['TEST_SYNCS_STAY'] !== 'true';

/** A configuration file's content; JSON is YAML. `server` and, where it isn't given, `data` are filled in. */
export interface Settings {
  /** Beside `listen`. */
  readonly server?: object;
  readonly data?: object;
  readonly roles?: readonly string[];
  readonly storage?: object;
  readonly spaces: readonly object[];
  readonly crawl?: object;
  readonly describe?: object;
  readonly maintenance?: object;
  readonly api?: object;
  readonly auth?: object;
  readonly link?: object;
  readonly webhooks?: readonly object[];
  readonly log?: object;
}

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Puts another program in front of a command. */
export type Wrap = (program: string, args: readonly string[]) => [string, readonly string[]];

export interface SyncRun {
  readonly code: number | null;
  /** What the sync could not list, and what it held. */
  readonly warnings: readonly string[];
  /** Why it failed as a whole. */
  readonly errors: readonly string[];
  readonly counts: SyncRunCounts;
  readonly stderr: string;
}

/** As the command reports them. */
export interface SyncRunCounts {
  readonly collections: number;
  readonly failures: number;
  readonly images: number;
  readonly requests: number;
  readonly added: number;
  readonly altered: number;
  readonly removed: number;
}

export interface CreatedToken {
  readonly id: number;
  readonly token: string;
}

/** ovadex as it is used: the built program, a configuration file and a data directory of its own. */
export interface Ovadex {
  readonly configFile: string;
  /** Where the API listens, at each start. */
  readonly port: number;
  /** What node is given to run a command with `--config`. */
  argv(...args: readonly string[]): readonly string[];
  /** Runs a command as it was built, in this process: a start of the program takes longer than most commands do. */
  run(...args: readonly string[]): Promise<Run>;
  /** Runs a command in a process of its own, as `run` does with `serve`, which takes signals. */
  start(...args: readonly string[]): Promise<Run>;
  /** The same for a command that must succeed and answers with JSON. */
  json(...args: readonly string[]): Promise<unknown>;
  /**
   * Syncs a user's space and tells how that went; any exit code is an answer. The test can go on beside it. In this
   * process, unless tests of scripted servers are to be thorough: a start of the program takes longer than a sync of some folders.
   */
  sync(user: string, ...flags: readonly string[]): Promise<SyncRun>;
  /** The same always in a process of its own, which takes no time from what the test does meanwhile. */
  syncApart(user: string, ...flags: readonly string[]): Promise<SyncRun>;
  /** Paths of the images that the index shows of a user's space. */
  images(user: string): Promise<string[]>;
  createToken(user: string, options?: readonly string[]): Promise<CreatedToken>;
  /** Starts `ovadex serve`, the same port at each call; `wrap` may put another program in front of it. */
  serve(options?: { readonly wrap?: Wrap }): Promise<ServerProcess>;
  /** Writes another configuration over the first. */
  configure(settings: Settings): void;
  /** A file beside the configuration, for secrets; answers its path. */
  file(name: string, content: string): string;
  remove(): void;
}

const unwrapped: Wrap = (program, args) => [program, args];

/** A schedule that no test lives to see: syncs happen when they are asked for. */
const ONCE_A_YEAR = '0 0 1 1 *';

export async function installOvadex(): Promise<Ovadex> {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-interop-'));
  const configFile = join(directory, 'ovadex.yaml');
  const port = await freePort();

  const argv = (...args: readonly string[]) => [MAIN, ...args, '--config', configFile];
  const start = (...args: readonly string[]) => runProgram(argv(...args));
  const run = (...args: readonly string[]) =>
    args[0] === 'serve' ? start(...args) : runHere([...args, '--config', configFile]);
  const json = async (...args: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await run(...args, '--json');
    if (code !== 0) throw new Error(`ovadex ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  };
  return {
    configFile,
    port,
    argv,
    run,
    start,
    json,
    sync: (user, ...flags) => syncBy(startsSyncs ? start : run, user, flags),
    syncApart: (user, ...flags) => syncBy(start, user, flags),
    async images(user) {
      const { images } = (await json('images', '--user', user)) as { images: { path: string }[] };
      return images.map(({ path }) => path);
    },
    async createToken(user, options = []) {
      const created = (await json('token', 'create', '--user', user, ...options)) as CreatedToken;
      noteAuthorization(`Bearer ${created.token}`);
      return created;
    },
    serve: ({ wrap = unwrapped } = {}) =>
      startServerProcess(
        () => {
          const [program, args] = wrap(process.execPath, argv('serve'));
          return { program, args, onStart: overhear };
        },
        // Any other question has the daemon load more than it needs to serve.
        { port, probe: { method: 'GET', path: 'livez' } },
      ),
    configure({ crawl, server, ...settings }) {
      noteSettings({ server, ...settings });
      shareDocument(`http://127.0.0.1:${port}`, documentKind({ ...settings, ...(server && { server }) }));
      const config = {
        server: { listen: `127.0.0.1:${port}`, ...server },
        data: { directory: join(directory, 'data') },
        crawl: { schedule: ONCE_A_YEAR, fullSchedule: ONCE_A_YEAR, poll: 'off', ...crawl },
        ...settings,
      };
      writeFileSync(configFile, JSON.stringify(config, null, 2), { mode: 0o600 });
    },
    file(name, content) {
      noteSecretFile(content);
      const path = join(directory, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    },
    remove() {
      noteFile(join(directory, 'data', 'token.key'));
      noteFile(join(directory, 'data', 'link.key'));
      // Where a test has the log go to a file.
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        if (!entry.isFile() || !/^log$|\.log$/.test(entry.name)) continue;
        overhearText(entry.name, readFileSync(join(directory, entry.name), 'utf8'));
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What the document of the API depends on, and which program it is of. */
function documentKind({ api, server, link, webhooks }: Partial<Settings>): string {
  return JSON.stringify({ MAIN, api, server, hasLinks: link !== undefined, webhooks: webhooks?.length });
}

/** What session tokens are signed with, once there is one. */
function noteFile(path: string): void {
  if (existsSync(path)) noteSecretFile(readFileSync(path, 'utf8'));
}

async function syncBy(
  run: (...args: readonly string[]) => Promise<Run>,
  user: string,
  flags: readonly string[],
): Promise<SyncRun> {
  const { code, stdout, stderr } = await run('sync', '--user', user, ...flags, '--json');
  if (stdout === '') throw new Error(`ovadex sync of ${user} ended with ${code}: ${stderr}`);
  const { syncs } = JSON.parse(stdout) as { syncs: (SyncRunCounts & Pick<SyncRun, 'warnings' | 'errors'>)[] };
  const [only] = syncs;
  if (only === undefined || syncs.length > 1) throw new Error(`one sync was asked for, told is ${stdout}`);
  const { warnings, errors, collections, failures, images, requests, added, altered, removed } = only;
  const counts = { collections, failures, images, requests, added, altered, removed };
  return { code, stderr, warnings, errors, counts };
}

async function runHere(words: readonly string[]): Promise<Run> {
  const { run } = (await import(PROGRAM)) as typeof import('../../../src/cli/program.js');
  const io = captureIo();
  const code = await run(words, { ...io, env: process.env });
  const told = { stdout: io.out(), stderr: io.err() };
  for (const output of Object.values(told)) overhearText(words.join(' '), output);
  return { code, ...told };
}

async function runProgram(args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  overhear(child);
  const timer = setTimeout(() => void endChild(child), RUN_WITHIN_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  clearTimeout(timer);
  return { code, stdout, stderr };
}
