import { statSync } from 'node:fs';
import path from 'node:path';

const WRITABLE_BY_ALL = 0o002;
/** With this bit on a folder, only a file's owner can remove or rename it there. */
const STICKY = 0o1000;

/** Says who else may change this file or folder; null if nobody but its account, root and `others` may. */
export function strangersOf(file: string, others: readonly number[] = []): string | null {
  const { uid, mode } = statSync(file);
  if ((mode & WRITABLE_BY_ALL) !== 0) return 'every account on this machine may write to it';
  if (uid !== 0 && uid !== process.geteuid?.() && !others.includes(uid))
    return `it belongs to another account (${uid})`;
  return null;
}

/** Says who else may change a copy, or put another file in its place; null if nobody may. */
export function strangersOfCopy(file: string): string | null {
  const folder = path.dirname(file);
  const { mode, uid } = statSync(folder);
  const isSticky = (mode & STICKY) !== 0 && uid === 0;
  const ofFolder = isSticky ? null : strangersOf(folder);
  return strangersOf(file) ?? (ofFolder === null ? null : `of its folder: ${ofFolder}`);
}
