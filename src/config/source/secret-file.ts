import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Tokens and passwords are far shorter; this only protects memory from a wrong path (a disk image, /dev/zero). */
const MAX_SECRET_BYTES = 64 * 1024;

/** Why a file can't be used, without quoting its content. */
export interface FileProblem {
  readonly problem: string;
  /** There is no such file. Not set: there is, or that can't be told. */
  readonly isGone?: boolean;
}

export interface FileText {
  readonly text: string;
  readonly isWorldReadable: boolean;
}

export type SecretFile = { readonly secret: string; readonly isWorldReadable: boolean } | FileProblem;

/**
 * Reads one line from a file, without its trailing newline. Only unexpected errors reject: a missing, unreadable, empty
 * or multi-line file is returned as a problem.
 */
export async function readSecretFile(file: string): Promise<SecretFile> {
  const answer = await readSmallFile(file, MAX_SECRET_BYTES);
  if ('problem' in answer) return answer;
  const secret = answer.text.replace(/\r?\n$/, '');
  if (secret === '') return { problem: 'must not be empty' };
  if (/\p{Cc}/u.test(secret)) return { problem: 'must contain a single line without control characters' };
  return { secret, isWorldReadable: answer.isWorldReadable };
}

/** Reads a file of UTF-8 text of at most `maxBytes` bytes. Only unexpected errors reject. */
export async function readSmallFile(file: string, maxBytes: number): Promise<FileText | FileProblem> {
  let handle: FileHandle;
  try {
    // Opening a pipe without a writer would block forever, and every later read with it.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const problem = `must be a file that can be read; ${reason(error)}`;
    return isMissing(error) ? { problem, isGone: true } : { problem };
  }
  try {
    const found = await handle.stat();
    if (found.isFIFO() || found.isSocket()) return { problem: 'must be a regular file; it is a pipe' };
    const bytes = await readUpTo(handle, maxBytes + 1);
    if (bytes.length > maxBytes) return { problem: `must be at most ${maxBytes} bytes long` };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, isWorldReadable: (found.mode & 0o004) !== 0 };
  } catch (error) {
    if (error instanceof TypeError) return { problem: 'must be UTF-8 text' };
    return { problem: `must be a file that can be read; ${reason(error)}` };
  } finally {
    await handle.close();
  }
}

async function readUpTo(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await handle.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** A fingerprint that changes with the token without revealing it: a suspended space is retried once its file has another token. */
export function tokenVersionOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}

/** Errors of the file system in plain words. */
export const FILE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'part of its path is not a directory',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a directory',
};

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function reason(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  return FILE_REASONS[error.code] ?? error.code;
}
