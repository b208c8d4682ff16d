import { type FileHandle, open } from 'node:fs/promises';

/** Tokens and passwords are far shorter; this only keeps a wrong path (a disk image, /dev/zero) out of memory. */
const MAX_SECRET_BYTES = 64 * 1024;

export type SecretFile =
  | { readonly secret: string; readonly isWorldReadable: boolean }
  /** Why it is no secret, without a word of what it holds. */
  | { readonly problem: string };

/**
 * Reads one line from a file; its trailing newline is no part of the secret.
 * Only unexpected errors reject: a missing, unreadable, empty or many-lined file is an answer.
 */
export async function readSecretFile(file: string): Promise<SecretFile> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    return { problem: `must be a file that can be read; ${reason(error)}` };
  }
  try {
    const { mode } = await handle.stat();
    const bytes = await readUpTo(handle, MAX_SECRET_BYTES + 1);
    if (bytes.length > MAX_SECRET_BYTES) return { problem: `must hold at most ${MAX_SECRET_BYTES} bytes` };
    const secret = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
    if (secret === '') return { problem: 'must not be empty' };
    if (/\p{Cc}/u.test(secret)) return { problem: 'must hold a single line without control characters' };
    return { secret, isWorldReadable: (mode & 0o004) !== 0 };
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

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no directory',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a directory',
};

function reason(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  return REASONS[error.code] ?? error.code;
}
