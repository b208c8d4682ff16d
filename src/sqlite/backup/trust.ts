import { statSync } from 'node:fs';
import path from 'node:path';

const WRITABLE_BY_ALL = 0o002;
/** Only its owner removes or renames a file there. */
const STICKY = 0o1000;

/** Who else may change this file or folder, in words; null where nobody but its account, root and `others` may. */
export function strangersOf(file: string, others: readonly number[] = []): string | null {
  const { uid, mode } = statSync(file);
  if ((mode & WRITABLE_BY_ALL) !== 0) return 'every account of this machine may write to it';
  if (uid !== 0 && uid !== process.geteuid?.() && !others.includes(uid))
    return `it belongs to another account (${uid})`;
  return null;
}

/** The same of a copy: also who may put another in its place. */
export function strangersOfCopy(file: string): string | null {
  const folder = path.dirname(file);
  const { mode, uid } = statSync(folder);
  const isSticky = (mode & STICKY) !== 0 && uid === 0;
  const ofFolder = isSticky ? null : strangersOf(folder);
  return strangersOf(file) ?? (ofFolder === null ? null : `of its folder: ${ofFolder}`);
}
