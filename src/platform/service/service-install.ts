import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { OvadexError } from '../../domain/model/errors.js';
import { entryIn, placeIn } from '../root-folder.js';
import { packagedUnitIn } from './packaged-unit.js';
import { isAsWritten, ownFiles, PLACES, type Program, starterConfiguration } from './service-files.js';

export interface ServiceOptions {
  /** The root of the machine's files: `/`, or a folder from which an image is made. */
  readonly root: string;
  /** Whether to write and run nothing, and only return the steps that would be taken. */
  readonly isDryRun: boolean;
  readonly program: Program;
  readonly version: string;
  readonly isRoot: boolean;
  /** Runs a program of the system; rejects if it fails. */
  readonly run: (program: string, args: readonly string[]) => Promise<void>;
}

/** The result of one step. `kept`: it is not as the program wrote it, so it was left alone. */
export interface Step {
  readonly what: string;
  readonly done: 'created' | 'updated' | 'unchanged' | 'kept' | 'removed' | 'absent' | 'ran' | 'skipped';
  readonly note?: string;
}

const ACCOUNT = 'ovadex';
const BY_PACKAGE = 'a package installed it, and removes it';
/** The note on a link; a masked unit is a link to /dev/null. */
const LINKED = 'it is a symbolic link made by hand; remove it to get the file itself';
/** Units are read by others and contain no secrets. */
const OPEN_FILE = 0o644;
/** It may contain passwords: root writes it, the service reads it. */
const CONFIGURATION_MODE = 0o640;

/**
 * Installs the service's files where systemd looks for them. May be repeated; files changed by hand are kept. Files
 * installed by a package are not duplicated: a copy in /etc would take precedence, and the package's next version would
 * have no effect.
 */
export async function installService(options: ServiceOptions): Promise<readonly Step[]> {
  requireRights(options);
  const steps: Step[] = [];
  const [account, ...units] = ownFiles(options.program, options.version);
  if (account !== undefined) steps.push(writeOwn(account, options));
  steps.push(await createAccount(options));
  steps.push(makeDirectory(PLACES.configurationDirectory, 0o755, null, options));
  steps.push(makeDirectory(PLACES.dataDirectory, 0o750, accountIn(options.root), options));
  steps.push(writeConfiguration(options));
  for (const unit of units) steps.push(writeOwn(unit, options));
  steps.push(await reloadManager(options)); // always, as an earlier run may have failed right here
  return steps;
}

/** Stops the service and removes its files; configuration, data and account are kept. */
export async function uninstallService(options: ServiceOptions): Promise<readonly Step[]> {
  requireRights(options);
  const steps: Step[] = [];
  const packaged = packagedUnitIn(options.root);
  const isThere = lexists(entryIn(options.root, PLACES.unit));
  if (isThere) steps.push(await runHere('systemctl', ['disable', '--now', 'ovadex.service', 'ovadex.socket'], options));
  for (const { path } of [...ownFiles(options.program, options.version)].reverse())
    steps.push(removeOwn(path, options));
  if (packaged !== null) steps.push({ what: packaged, done: 'kept', note: BY_PACKAGE });
  steps.push(await reloadManager(options));
  for (const path of [PLACES.configurationDirectory, PLACES.dataDirectory]) {
    const isKept = lexists(entryIn(options.root, path));
    steps.push(
      isKept
        ? { what: path, done: 'kept', note: packaged === null ? `rm -r ${path} removes it` : BY_PACKAGE }
        : { what: path, done: 'absent' },
    );
  }
  const what = `account ${ACCOUNT}`;
  const hasAccount = accountIn(options.root) !== null;
  steps.push(hasAccount ? { what, done: 'kept', note: `userdel ${ACCOUNT} removes it` } : { what, done: 'absent' });
  return steps;
}

function requireRights({ root, isDryRun, isRoot }: ServiceOptions): void {
  if (isRoot || isDryRun || root !== '/') return;
  throw new OvadexError('forbidden', 'only root may install or remove the service; --dry-run shows what would be done');
}

function writeOwn({ path, content }: { path: string; content: string }, { root, isDryRun }: ServiceOptions): Step {
  const file = entryIn(root, path);
  const packaged = packagedUnitIn(root);
  if (packaged === null && isLink(file)) return { what: path, done: 'kept', note: LINKED };
  const before = read(file);
  if (packaged !== null) {
    return before === null
      ? { what: path, done: 'skipped', note: `a package installed its own, such as ${packaged}` }
      : { what: path, done: 'kept', note: `it overrides a package's own; "ovadex service uninstall" removes it` };
  }
  if (before === content) return { what: path, done: 'unchanged' };
  if (before !== null && !isAsWritten(before)) {
    return { what: path, done: 'kept', note: 'it was changed by hand; remove it to get the new one' };
  }
  if (!isDryRun) write(file, content, OPEN_FILE);
  return { what: path, done: before === null ? 'created' : 'updated' };
}

function removeOwn(path: string, { root, isDryRun }: ServiceOptions): Step {
  const file = entryIn(root, path);
  if (isLink(file)) return { what: path, done: 'kept', note: LINKED };
  const before = read(file);
  if (before === null) return { what: path, done: 'absent' };
  if (!isAsWritten(before)) return { what: path, done: 'kept', note: 'it was changed by hand' };
  if (!isDryRun) rmSync(file);
  return { what: path, done: 'removed' };
}

function writeConfiguration({ root, isDryRun, isRoot }: ServiceOptions): Step {
  const file = entryIn(root, PLACES.configuration);
  const what = PLACES.configuration;
  if (lexists(file)) return { what, done: 'kept', note: 'a configuration is never overwritten' };
  if (!isDryRun) {
    const account = isRoot ? accountIn(root) : null;
    write(file, starterConfiguration(), CONFIGURATION_MODE, account?.gid);
  }
  return { what, done: 'created', note: 'it has no spaces yet' };
}

function makeDirectory(path: string, mode: number, owner: Account | null, options: ServiceOptions): Step {
  const directory = placeIn(options.root, path);
  if (existsSync(directory)) return { what: path, done: 'unchanged' };
  if (!options.isDryRun) {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, mode); // whatever the umask
    if (options.isRoot && owner !== null) chownSync(directory, owner.uid, owner.gid);
  }
  return { what: path, done: 'created' };
}

async function createAccount(options: ServiceOptions): Promise<Step> {
  const what = `account ${ACCOUNT}`;
  if (accountIn(options.root) !== null) return { what, done: 'unchanged' };
  const by = 'systemd-sysusers ovadex.conf';
  if (!options.isRoot) return { what, done: 'skipped', note: `only root can; ${by} creates it` };
  const root = options.root === '/' ? [] : [`--root=${options.root}`];
  if (!options.isDryRun) await options.run('systemd-sysusers', [...root, 'ovadex.conf']);
  return { what, done: 'created', note: `by ${by}` };
}

/** Makes systemd read its units again. */
function reloadManager(options: ServiceOptions): Promise<Step> {
  return runHere('systemctl', ['daemon-reload'], options);
}

/** Runs a command for this machine's systemd, if it is running and the files are this machine's. */
async function runHere(program: string, args: readonly string[], options: ServiceOptions): Promise<Step> {
  const what = [program, ...args].join(' ');
  if (options.root !== '/') return { what, done: 'skipped', note: 'these are the files of another machine' };
  if (!existsSync('/run/systemd/system')) return { what, done: 'skipped', note: 'systemd is not running here' };
  if (!options.isDryRun) await options.run(program, args);
  return { what, done: 'ran' };
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The service's account on the machine with these files; null if there is none. */
export function accountIn(root: string): Account | null {
  const line = (read(placeIn(root, '/etc/passwd')) ?? '').split('\n').find((each) => each.startsWith(`${ACCOUNT}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Replaces a file as a whole, without changing the target of a link or other names of the old file. */
function write(file: string, content: string, mode: number, gid?: number): void {
  const unfinished = `${file}.${process.pid}.new`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(unfinished, content, { mode, flag: 'wx' });
  try {
    chmodSync(unfinished, mode); // whatever the umask
    if (gid !== undefined) chownSync(unfinished, 0, gid);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished);
    throw error;
  }
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Whether the path exists, even as a dangling link. */
function lexists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
