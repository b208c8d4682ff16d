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
/** Rotating files takes milliseconds: an older mark was left by a process that was killed while rotating. */
const TURN_AT_MOST_MS = 60_000;

/**
 * Appends a line to a private file and waits until it is on disk. A file longer than `maxBytes` becomes `file.1`, that
 * one `file.2`, and so on up to `keptFiles`. Throws if the name is a link, not a regular file, or somebody else's file,
 * so that a user who may write to the folder can't choose what others append to.
 */
export function appendOwn(
  file: string,
  line: string,
  { maxBytes, keptFiles }: { readonly maxBytes: number; readonly keptFiles: number },
): void {
  if (sizeOf(file) > maxBytes) turn(file, maxBytes, keptFiles);
  // The kernel appends in one step, so lines of two processes don't mix. O_NONBLOCK avoids waiting for the reader of a
  // named pipe.
  const descriptor = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    requireOwn(descriptor, file);
    writeSync(descriptor, line);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Requires that the file belongs to this account, to root, or to the owner of its folder, to whom files made by root are given. */
function requireOwn(descriptor: number, file: string): void {
  const own = process.geteuid?.();
  const folder = statSync(dirname(file));
  const found = fstatSync(descriptor);
  const isOwn = found.uid === own || found.uid === 0 || found.uid === folder.uid;
  if (!found.isFile() || found.nlink !== 1 || !isOwn) {
    throw Object.assign(new Error(`${file}: not a regular file of this account with a single name`), { code: 'EPERM' });
  }
  if (own === 0 && found.uid === 0 && folder.uid !== 0 && found.size === 0)
    fchownSync(descriptor, folder.uid, folder.gid);
}

/**
 * Rotates the files in one process: an atomically created mark beside them makes other processes append to the old file
 * once more.
 */
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
    // Another process may have rotated it in the meantime.
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
