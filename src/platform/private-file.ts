import { chownSync, closeSync, fchmodSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
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
