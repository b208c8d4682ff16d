import { readFile, realpath, stat } from 'node:fs/promises';

/** The folder that a watched path leads to at one moment. */
export interface FoundRoot {
  /** The path without links. */
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
  /** Time of birth in ns; null if the file system doesn't record it. */
  readonly bornAt: bigint | null;
  /** Mount points above, at and below it, by the kernel's id of the mount. */
  readonly mounts: ReadonlyMap<string, string>;
}

/** Returns the folder at a path, links followed, or the system's error code if there is none. */
export async function findRoot(directory: string): Promise<FoundRoot | string> {
  try {
    const path = await realpath(directory);
    const found = await stat(path, { bigint: true });
    if (!found.isDirectory()) return 'ENOTDIR';
    // Without a time of birth, Node shows that of the last change, or none.
    const isTold = found.birthtimeNs > 0n && found.birthtimeNs !== found.ctimeNs;
    const bornAt = isTold ? found.birthtimeNs : null;
    return { path, device: found.dev, inode: found.ino, bornAt, mounts: mountsAround(path, await readMounts()) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
}

/** Whether it is still the same folder: not recreated, not replaced, and with no other file system mounted on it. */
export function isSameRoot(before: FoundRoot, now: FoundRoot): boolean {
  if (before.path !== now.path || before.device !== now.device || before.inode !== now.inode) return false;
  // Some file systems reuse the inode number of a removed folder for the next one.
  if (before.bornAt !== null && now.bornAt !== null && before.bornAt !== now.bornAt) return false;
  return changedMounts(before, now).length === 0;
}

/** Returns where something was mounted or unmounted: a watch there sees what lies beneath. */
export function changedMounts(before: FoundRoot, now: FoundRoot): readonly string[] {
  const differing = (a: FoundRoot, b: FoundRoot) =>
    [...a.mounts].filter(([id, point]) => b.mounts.get(id) !== point).map(([, point]) => point);
  return [...new Set([...differing(before, now), ...differing(now, before)])];
}

/**
 * Reads the mounts around a path from mountinfo of proc(5): `36 35 98:0 /mnt1 /mnt2 rw,...`, its fifth field with
 * blanks and the like in octal.
 */
export function mountsAround(path: string, mountinfo: string): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>();
  for (const line of mountinfo.split('\n')) {
    const [id = '', , , , escaped = ''] = line.split(' ');
    const point = escaped.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    if (point !== '' && (isAtOrBelow(path, point) || isAtOrBelow(point, path))) mounts.set(id, point);
  }
  return mounts;
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Returns the mountinfo; empty if there is no such file: not Linux, or a sandbox without it. */
async function readMounts(): Promise<string> {
  try {
    return await readFile('/proc/self/mountinfo', 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

/** Runs one check after the other. */
export type LookInTurn = <Result>(look: () => Promise<Result>) => Promise<Result>;

/**
 * Creates the queue of checks for all watched folders: a mount that hangs then blocks one of the four threads that Node
 * has for files and names, not all. The others wait behind it, which costs them no event, only the notice of a replaced
 * root.
 */
export function createLookInTurn(): LookInTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (look) => {
    const next = last.then(look);
    last = next.catch(() => undefined);
    return next;
  };
}
