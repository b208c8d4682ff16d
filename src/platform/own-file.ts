import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
/** Turning files takes milliseconds: what is older was left by a process that was killed in them. */
const TURN_AT_MOST_MS = 60_000;

/**
 * Appends a line to a file that is its owner's alone, and waits until the disk has it. A longer file than `maxBytes` becomes
 * `file.1`, that `file.2`, up to so many. Throws where the name is a link, no regular file, or somebody else's file: whoever
 * may write to the folder doesn't choose what others append to.
 */
export function appendOwn(
  file: string,
  line: string,
  { maxBytes, keptFiles }: { readonly maxBytes: number; readonly keptFiles: number },
): void {
  if (sizeOf(file) > maxBytes) turn(file, maxBytes, keptFiles);
  // Appending is one step for the kernel: lines of two processes don't mix. A named pipe without a reader isn't waited for.
  const descriptor = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    requireOwn(descriptor, file);
    writeSync(descriptor, line);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The file of this account, of root, or of the account whose folder it lies in; what root makes there becomes that one's. */
function requireOwn(descriptor: number, file: string): void {
  const own = process.geteuid?.();
  const folder = statSync(dirname(file));
  const found = fstatSync(descriptor);
  const isOwn = found.uid === own || found.uid === 0 || found.uid === folder.uid;
  if (!found.isFile() || found.nlink !== 1 || !isOwn) {
    throw Object.assign(new Error(`${file}: not a file of this account that is there once`), { code: 'EPERM' });
  }
  if (own === 0 && found.uid === 0 && folder.uid !== 0 && found.size === 0)
    fchownSync(descriptor, folder.uid, folder.gid);
}

/** By one process: a file beside it, made in one step, says that somebody is at it, who then writes to the old one once more. */
function turn(file: string, maxBytes: number, keptFiles: number): void {
  const mark = `${file}.turning`;
  try {
    closeSync(openSync(mark, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const madeAt = statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - madeAt > TURN_AT_MOST_MS) rmSync(mark, { force: true });
    return;
  }
  try {
    // The one before may have done it since.
    if (sizeOf(file) <= maxBytes) return;
    for (let n = keptFiles; n > 1; n--) renameIfThere(`${file}.${n - 1}`, `${file}.${n}`);
    renameIfThere(file, `${file}.1`);
  } finally {
    rmSync(mark, { force: true });
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
