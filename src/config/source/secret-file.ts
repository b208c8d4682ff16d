import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Tokens and passwords are far shorter; this only keeps a wrong path (a disk image, /dev/zero) out of memory. */
const MAX_SECRET_BYTES = 64 * 1024;

/** Why a file is not what it should be, without a word of what it holds. */
export interface FileProblem {
  readonly problem: string;
}

export interface FileText {
  readonly text: string;
  readonly isWorldReadable: boolean;
}

export type SecretFile = { readonly secret: string; readonly isWorldReadable: boolean } | FileProblem;

/**
 * Reads one line from a file; its trailing newline is no part of the secret.
 * Only unexpected errors reject: a missing, unreadable, empty or many-lined file is an answer.
 */
export async function readSecretFile(file: string): Promise<SecretFile> {
  const answer = await readSmallFile(file, MAX_SECRET_BYTES);
  if ('problem' in answer) return answer;
  const secret = answer.text.replace(/\r?\n$/, '');
  if (secret === '') return { problem: 'must not be empty' };
  if (/\p{Cc}/u.test(secret)) return { problem: 'must hold a single line without control characters' };
  return { secret, isWorldReadable: answer.isWorldReadable };
}

/** The UTF-8 text of a file of so many bytes at most. Only unexpected errors reject. */
export async function readSmallFile(file: string, maxBytes: number): Promise<FileText | FileProblem> {
  let handle: FileHandle;
  try {
    // Without a writer a pipe would be waited for without end, and every later reading with it.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { problem: `must be a file that can be read; ${reason(error)}` };
  }
  try {
    const found = await handle.stat();
    if (found.isFIFO() || found.isSocket()) return { problem: 'must be a regular file; it is a pipe' };
    const bytes = await readUpTo(handle, maxBytes + 1);
    if (bytes.length > maxBytes) return { problem: `must hold at most ${maxBytes} bytes` };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, isWorldReadable: (found.mode & 0o004) !== 0 };
  } catch (error) {
    if (error instanceof TypeError) return { problem: 'must hold UTF-8 text' };
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

/** What an error of the file system says, for people. */
export const FILE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no directory',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a directory',
};

function reason(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  return FILE_REASONS[error.code] ?? error.code;
}
