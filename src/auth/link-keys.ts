import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OvadexError } from '../domain/model/errors.js';

/** A secret as it is stored. */
export interface Sealed {
  readonly keyId: string;
  /** The nonce, the encrypted text and the tag, in this order. */
  readonly sealed: Uint8Array;
}

/** The keys that encrypt users' app passwords, by AES-256-GCM. */
export interface LinkKeys {
  /** The ids of the keys; the first one's is used for what is sealed from now on. */
  readonly ids: readonly string[];
  /** Encrypts a secret; it can be opened only together with the same `about`. */
  seal(secret: string, about: readonly string[]): Sealed;
  /** Returns the secret; null if no key opens it, or `about` is not what it was sealed with. */
  open(sealed: Sealed, about: readonly string[]): string | null;
}

/** The keys' file beside the index, a line for each. Without it no app password can be read. */
export const LINK_KEY_FILE = 'link.key';
const KEY_BYTES = 32;
/** Each line: those bytes in base64url. More lines than these are no key file. */
const KEY_LINE = /^[\w-]{43}$/;
const MAX_LINES = 16;
/** The usual lengths of GCM (NIST SP 800-38D): 2^32 random nonces are safe with one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where the keys are: in the data directory, or in a file that somebody else provides. */
export interface LinkKeyPlace {
  readonly file: string;
  /** Whether the program makes and replaces the file itself. */
  readonly isOwn: boolean;
}

export function linkKeyPlace(directory: string, configured: string | null): LinkKeyPlace {
  return { file: configured ?? join(directory, LINK_KEY_FILE), isOwn: configured === null };
}

/** Creates the keys of these lines, the first of which seals. */
function keysOf(lines: readonly string[]): LinkKeys {
  const keys = new Map(
    lines.map((line) => {
      const bytes = Buffer.from(line, 'base64url');
      return [hash('sha256', bytes, 'hex').slice(0, 16), bytes] as const;
    }),
  );
  const ids = [...keys.keys()];
  return {
    ids,
    seal(secret, about) {
      const keyId = ids[0] ?? '';
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keys.get(keyId) ?? '', nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(JSON.stringify(about), 'utf8'));
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return { keyId, sealed: Buffer.concat([nonce, body, cipher.getAuthTag()]) };
    },
    open({ keyId, sealed }, about) {
      const key = keys.get(keyId);
      if (key === undefined || sealed.length < NONCE_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(JSON.stringify(about), 'utf8'));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const body = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      try {
        return Buffer.concat([body, decipher.final()]).toString('utf8');
      } catch {
        // Only the tag can be wrong here: the row was altered, or belongs to somebody else.
        return null;
      }
    },
  };
}

/** Keys that open nothing, for a file that is missing. */
export const NO_LINK_KEYS: LinkKeys = keysOf([]);

/**
 * Reads the keys; null if there is no file. Throws OvadexError `config` if the file has anything but keys, or if others
 * may read it.
 */
export async function readLinkKeys(place: LinkKeyPlace): Promise<LinkKeys | null> {
  const lines = await readLines(place);
  return lines === null ? null : keysOf(lines);
}

/** Reads the keys, or creates the first one if the file is the program's own. Throws as `readLinkKeys` does. */
export async function loadLinkKeys(place: LinkKeyPlace): Promise<LinkKeys> {
  const found = await readLinkKeys(place);
  if (found !== null) return found;
  if (!place.isOwn) throw new OvadexError('config', `${place.file}: link.keyFile must be a file that exists`);
  await writeLines(place, [newLine()], 'first');
  const made = await readLinkKeys(place);
  if (made === null) throw new OvadexError('config', `${place.file}: is removed as soon as it is created`);
  return made;
}

/**
 * Puts a new key before those of the file, unless it already has several: then an earlier rotation has not ended. Returns
 * the keys as they are now. In a file of somebody else nothing is changed.
 */
export async function addLinkKey(place: LinkKeyPlace): Promise<LinkKeys> {
  const lines = await readLines(place);
  if (lines === null)
    throw new OvadexError('not-found', `${place.file}: there is no key yet, so there is none to replace`);
  if (lines.length > 1 || !place.isOwn) return keysOf(lines);
  const next = [newLine(), ...lines];
  await writeLines(place, next, 'replace');
  return keysOf(next);
}

/** Drops all keys but the first one from the program's own file. */
export async function dropOldLinkKeys(place: LinkKeyPlace): Promise<void> {
  const lines = await readLines(place);
  const [first] = lines ?? [];
  if (first !== undefined && place.isOwn) await writeLines(place, [first], 'replace');
}

function newLine(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

async function readLines({ file, isOwn }: LinkKeyPlace): Promise<readonly string[] | null> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw unusable(file, error);
  });
  if (handle === null) return null;
  try {
    const { mode } = await handle.stat();
    // systemd's credentials may show a group, by which it grants access to their service alone.
    const tooMany = isOwn ? 0o077 : 0o007;
    if ((mode & tooMany) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new OvadexError('config', `${file}: must be readable by its owner only (its mode is ${shown}); chmod 600`);
    }
    const buffer = Buffer.alloc(MAX_LINES * 64);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split(/\r?\n/);
    if (bytesRead < buffer.length && lines.every((line) => KEY_LINE.test(line))) return lines;
    throw new OvadexError(
      'config',
      `${file}: must have keys for links and nothing else: lines of 43 characters, as from "head -c 32 /dev/urandom | basenc --base64url | tr -d ="; restore it from a backup, or remove it and have all users connect their storage again`,
    );
  } catch (error) {
    throw unusable(file, error);
  } finally {
    await handle.close();
  }
}

/** Writes the file atomically, so that no crash leaves it without the keys that it had. */
async function writeLines({ file }: LinkKeyPlace, lines: readonly string[], how: 'first' | 'replace'): Promise<void> {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${lines.join('\n')}\n`);
      if (how === 'replace') await giveTo(handle, file);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (how === 'replace') await rename(draft, file);
    else {
      // Another process that starts meanwhile finds this key or creates its own, and only one of them is kept.
      await link(draft, file).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
    }
    // What is sealed with a key must never outlive its file in a crash of the machine.
    const folder = await open(dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    throw unusable(file, error);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Leaves the file to whom it belonged: a command may run as root, and the daemon must be able to read it. */
async function giveTo(draft: FileHandle, file: string): Promise<void> {
  const [own, former] = [await draft.stat(), await stat(file)];
  if (own.uid !== former.uid || own.gid !== former.gid) await draft.chown(former.uid, former.gid);
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function unusable(file: string, error: unknown): unknown {
  if (error instanceof OvadexError || !(error instanceof Error && 'syscall' in error)) return error;
  return new OvadexError('config', `${file}: the key of links can't be used: ${error.message}`, { cause: error });
}
