import { createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';

/** What session tokens are signed with. */
export interface SigningKey {
  readonly key: KeyObject;
  /** Stands in each token, so that one of an earlier key is known as such. */
  readonly id: string;
}

/** Beside the index. Who removes it and starts the daemon anew ends every session token at once. */
export const SIGNING_KEY_FILE = 'token.key';
/** As long as the hash's output (RFC 7518 3.2 wants no less). */
const KEY_BYTES = 32;
/** The file's one line: those bytes in base64url. */
const KEY_TEXT = /^[\w-]{43}\n?$/;

/**
 * Reads the data directory's signing key; where there is none it makes one that only
 * the daemon's own account may read. Throws OvadexError `config` where the file is no
 * key, or others may read it.
 */
export async function loadSigningKey(directory: string): Promise<SigningKey> {
  const file = join(directory, SIGNING_KEY_FILE);
  try {
    const text = (await readKey(file)) ?? (await makeKey(file));
    const bytes = Buffer.from(text, 'base64url');
    return { key: createSecretKey(bytes), id: hash('sha256', bytes, 'hex').slice(0, 16) };
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new OvadexError('config', `${file}: the key of session tokens can't be used: ${error.message}`, {
      cause: error,
    });
  }
}

/** null where there is none. */
async function readKey(file: string): Promise<string | null> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return null;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new OvadexError('config', `${file}: must be readable by its owner only (its mode is ${shown}); chmod 600`);
    }
    const text = await handle.readFile('utf8');
    if (KEY_TEXT.test(text)) return text.trimEnd();
    throw new OvadexError('config', `${file}: is no key of session tokens; without the file a new one is made`);
  } finally {
    await handle.close();
  }
}

/** Whole or not at all: another process that starts meanwhile finds this key or makes its own, and one of both stays. */
async function makeKey(file: string): Promise<string> {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64url')}\n`);
    await handle.sync();
    await link(draft, file).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
  const text = await readKey(file);
  if (text === null) throw new OvadexError('config', `${file}: is removed as fast as it is made`);
  return text;
}
