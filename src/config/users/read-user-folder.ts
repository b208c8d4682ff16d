import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpaceSettings, UserFolder } from '../../domain/model/space.js';
import { urlOfUser } from '../../domain/model/user-auth.js';
import { flawOfUserFileName, type UserFileFlaw } from '../../domain/policy/user-file.js';
import { FILE_REASONS, type SecretFile } from '../source/secret-file.js';
import { credentialsOfUser } from './credentials-of-user.js';

/** What one look at a folder of credentials found. */
export interface UserFiles {
  readonly files: ReadonlyMap<string, UserFile>;
  /** The names of entries with a flaw. */
  readonly flaws: ReadonlyMap<UserFileFlaw, readonly string[]>;
}

interface UserFile {
  /** Changes whenever the file is written, replaced or given other permissions. */
  readonly stamp: string;
  /** With the last secret that it had; null if it never had a usable one. */
  readonly space: SpaceSettings | null;
  readonly flaw: UserFileFlaw | null;
}

export const NO_USER_FILES: UserFiles = { files: new Map(), flaws: new Map() };

/** Flaws of files of which the state may not tell when they can be read again. */
const READ_AGAIN: ReadonlySet<UserFileFlaw | null> = new Set<UserFileFlaw>(['kept', 'unusable']);

/** Files examined at once: enough for a folder on another machine. */
const AT_ONCE = 32;

/**
 * Reads a folder of credentials: of files that are the same as `before`, only the state is looked at, and their spaces
 * are the same objects. Returns why the folder can't be read, if it can't.
 */
export async function readUserFolder(
  folder: UserFolder,
  before: UserFiles,
  readSecret: (file: string) => Promise<SecretFile>,
): Promise<UserFiles | { readonly problem: string }> {
  const listed = await namesIn(folder.folder);
  if ('problem' in listed) return listed;
  const files = new Map<string, UserFile>();
  const flaws = new Map<UserFileFlaw, string[]>();
  const note = (flaw: UserFileFlaw, name: string) => {
    const names = flaws.get(flaw);
    if (names === undefined) flaws.set(flaw, [name]);
    else names.push(name);
  };
  const examine = async (name: string) => {
    const flaw = flawOfUserFileName(name);
    if (flaw === null) return await readUserFile(folder, name, before.files.get(name), readSecret);
    note(flaw, name);
    return null;
  };
  for (let at = 0; at < listed.names.length; at += AT_ONCE) {
    const names = listed.names.slice(at, at + AT_ONCE);
    const read = await Promise.all(names.map(examine));
    // In the order of the names, whichever answer came first: the spaces are then the same list while nothing changes.
    for (const [index, name] of names.entries()) {
      const file = read[index] ?? null;
      if (file !== null) files.set(name, file);
      if (file !== null && file.flaw !== null) note(file.flaw, name);
    }
  }
  return { files, flaws };
}

/**
 * Returns null for a file that is gone by now, which alone removes its user: one that can't be read, or holds no secret
 * just now, keeps what it had.
 */
async function readUserFile(
  folder: UserFolder,
  user: string,
  before: UserFile | undefined,
  readSecret: (file: string) => Promise<SecretFile>,
): Promise<UserFile | null> {
  let found: Awaited<ReturnType<typeof stampOf>>;
  try {
    found = await stampOf(join(folder.folder, user));
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? null : kept(code, before);
  }
  const { stamp, stats } = found;
  if (before?.stamp === stamp && !READ_AGAIN.has(before.flaw)) return before;
  if (stats.isDirectory()) return { stamp, space: null, flaw: 'folder' };
  if (stats.size === 0) return { stamp, space: before?.space ?? null, flaw: 'empty' };
  const filled = await credentialsOfUser(folder.auth, user, readSecret);
  if ('problem' in filled) return kept(stamp, before);
  const connection = folder.connection === undefined ? {} : { connection: folder.connection };
  const describe = folder.describe === undefined ? {} : { describe: folder.describe };
  const url = urlOfUser(folder.url, user);
  return {
    stamp,
    space: { user, url, auth: filled.auth, ...connection, ...describe, watchDirectory: null },
    flaw: isReadByOthers(stats) ? 'readable' : null,
  };
}

function kept(stamp: string, before: UserFile | undefined): UserFile {
  const space = before?.space ?? null;
  return { stamp, space, flaw: space === null ? 'unusable' : 'kept' };
}

/**
 * Whether other accounts can read the file. Its group counts only if the file is our own: otherwise the group is what
 * lets this process read it.
 */
function isReadByOthers({ mode, uid }: Stats): boolean {
  return (mode & 0o004) !== 0 || ((mode & 0o040) !== 0 && uid === process.getuid?.());
}

async function stampOf(file: string): Promise<{ readonly stamp: string; readonly stats: Stats }> {
  const stats = await stat(file);
  return { stamp: [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(':'), stats };
}

async function namesIn(folder: string): Promise<{ readonly names: readonly string[] } | { readonly problem: string }> {
  try {
    return { names: (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1)) };
  } catch (error) {
    const code = codeOf(error);
    const reason = code === 'ENOENT' ? 'there is no such folder' : (FILE_REASONS[code] ?? code);
    return { problem: `must be a folder that can be read; ${reason}: ${folder}` };
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
