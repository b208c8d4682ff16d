import { createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';

/** The key that signs session tokens. */
export interface SigningKey {
  readonly key: KeyObject;
  /** The key's id, contained in each token, so that tokens of an earlier key are recognised. */
  readonly id: string;
}

/** The key's file beside the index. Removing it and restarting the daemon revokes all session tokens at once. */
export const SIGNING_KEY_FILE = 'token.key';
/** The length of the hash's output, which is the minimum by RFC 7518 3.2. */
const KEY_BYTES = 32;
/** The file's one line: those bytes in base64url. */
const KEY_TEXT = /^[\w-]{43}\n?$/;

/**
 * Reads the signing key from the data directory, or creates one that only the daemon's account may read. Throws
 * OvadexError `config` if the file is not a key, or if others may read it.
 */
export async function loadSigningKey(directory: string): Promise<SigningKey> {
  const use = async (file: string) => (await readKey(file)) ?? (await makeKey(file, newSigningKey()));
  return signingKeyOf(await usable(join(directory, SIGNING_KEY_FILE), use));
}

async function usable<T>(file: string, use: (file: string) => Promise<T>): Promise<T> {
  try {
    return await use(file);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new OvadexError('config', `${file}: the key of session tokens can't be used: ${error.message}`, {
      cause: error,
    });
  }
}

/** Returns the text of the data directory's signing key; null if there is none. Throws as `loadSigningKey` does. */
export async function readSigningKey(directory: string): Promise<string | null> {
  return await usable(join(directory, SIGNING_KEY_FILE), readKey);
}

/** Makes this text the data directory's signing key if it has none yet. Throws as `loadSigningKey` does. */
export async function keepSigningKey(directory: string, text: string): Promise<void> {
  await usable(join(directory, SIGNING_KEY_FILE), (file) => makeKey(file, text));
}

/** Returns a new key as text. */
export function newSigningKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** Returns the key of a text that `newSigningKey` has made. */
export function signingKeyOf(text: string): SigningKey {
  const bytes = Buffer.from(text, 'base64url');
  return { key: createSecretKey(bytes), id: hash('sha256', bytes, 'hex').slice(0, 16) };
}

/** Returns null if there is no key yet. */
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
    throw new OvadexError(
      'config',
      `${file}: is not a key for session tokens; remove the file to have a new key created`,
    );
  } finally {
    await handle.close();
  }
}

/**
 * Creates the key file atomically: another process that starts meanwhile finds this key or creates its own, and only
 * one of them is kept.
 */
async function makeKey(file: string, made: string): Promise<string> {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${made}\n`);
    await handle.sync();
    await link(draft, file).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
  const text = await readKey(file);
  if (text === null) throw new OvadexError('config', `${file}: is removed as soon as it is created`);
  return text;
}
