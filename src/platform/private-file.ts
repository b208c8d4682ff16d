import { chownSync, closeSync, fchmodSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Who is to have a file; null: whoever writes it. */
export type Owner = { readonly uid: number; readonly gid: number } | null;

/**
 * Writes a file that is not there yet, with exactly these rights whatever the umask.
 * Throws the system's EEXIST where there is one, also for a link that leads nowhere.
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
