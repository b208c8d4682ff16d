import { chmodSync, chownSync, closeSync, fchmodSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The future owner of a file; null for the account that writes it. */
export type Owner = { readonly uid: number; readonly gid: number } | null;

/**
 * Creates a file with exactly these permissions, whatever the umask. Throws the system's EEXIST if it exists, even as a
 * dangling link.
 */
export function writeNewFile(file: string, content: string, { mode, owner }: { mode: number; owner: Owner }): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  const descriptor = openSync(file, 'wx', mode);
  try {
    fchmodSync(descriptor, mode);
    writeSync(descriptor, content);
    if (owner !== null) chownSync(file, owner.uid, owner.gid);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Creates a folder that its owner alone may read, whatever the umask. Returns false, and does nothing, if it exists. */
export function makeNewFolder(folder: string, owner: Owner): boolean {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) === undefined) return false;
  chmodSync(folder, 0o700);
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  return true;
}
