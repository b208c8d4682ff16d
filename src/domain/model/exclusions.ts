import { type Glob, initialOf, literalOf, matchesGlob, parseGlob } from '../text/glob.js';

/**
 * What is excluded by default: bins, snapshots and old versions that file servers, operating systems and clients keep
 * beside people's files, and what marks a file as open. People keep no images in any of them.
 */
export const USUAL_EXCLUSIONS: readonly string[] = [
  // Synology, QNAP, Asustor
  '#recycle',
  '#snapshot',
  '@Recycle',
  '@Recently-Snapshot',
  '@eaDir',
  '@tmp',
  '.@__thumb',
  '.@upload_cache',
  // Samba, NetApp, ZFS, Btrfs (snapper), ext4
  '.recycle',
  '@GMT-*',
  '.snapshot',
  '.snapshots',
  '~snapshot',
  '.zfs',
  'lost+found',
  // freedesktop.org, Android, macOS, Windows
  '.Trash',
  '.Trash-*',
  '.Trashes',
  '.trash',
  '.trashed-*',
  '.AppleDouble',
  '.AppleDB',
  '.TemporaryItems',
  '.DocumentRevisions-V100',
  'Network Trash Folder',
  '$RECYCLE.BIN',
  '$Recycle.Bin',
  'RECYCLER',
  'System Volume Information',
  // Syncthing, Resilio Sync, Dropbox, Google Drive, rsync
  '.stversions',
  '.stfolder',
  '.sync',
  '.dropbox.cache',
  '.tmp.drivedownload',
  '.tmp.driveupload',
  '.~tmp~',
  // open in an office program, in Emacs, or deleted while open (Apple's SMB client)
  '~$*',
  '.#*',
  '.smbdelete*',
];

/** Returns all globs that exclude something. */
export function exclusionsOf(crawl: {
  readonly exclude: readonly string[];
  readonly excludeDefaults: boolean;
}): readonly string[] {
  return crawl.excludeDefaults ? [...USUAL_EXCLUSIONS, ...crawl.exclude] : crawl.exclude;
}

/**
 * Compiles these globs, all of which must be valid, into a test of paths. One without a slash is tried on every name
 * along the path, one with a slash on the path from the space's root; everything below a match is excluded, too. Case
 * matters, as it does in a storage.
 */
export function compileExclusions(globs: readonly string[]): (path: string) => boolean {
  const parsed = globs.map((text) => ({ isOfNames: !text.includes('/'), glob: readGlob(text) }));
  const isExcludedName = compileNames(parsed.filter(({ isOfNames }) => isOfNames).map(({ glob }) => glob));
  const ofPaths = parsed.filter(({ isOfNames }) => !isOfNames).map(({ glob }) => glob);
  // Called for every member of every collection, one collection after the other: most have the same parent as the one
  // before.
  let lastParent = '';
  let isLastParentExcluded = false;
  const isParentExcluded = (path: string, end: number): boolean => {
    if (end !== lastParent.length || !path.startsWith(lastParent)) {
      lastParent = path.slice(0, end);
      isLastParentExcluded = lastParent.split('/').some((name) => isExcludedName(name, 0));
    }
    return isLastParentExcluded;
  };
  const hasExcludedName = (path: string): boolean => {
    const end = path.lastIndexOf('/');
    return isExcludedName(path, end + 1) || (end > 0 && isParentExcluded(path, end));
  };
  return (path) => {
    if (path === '') return false; // the root
    if (hasExcludedName(path)) return true;
    if (ofPaths.length === 0) return false;
    const names = path.split('/');
    return ofPaths.some((glob) => matchesGlob(glob, names));
  };
}

/**
 * Compiles a test of the name that begins at `start` in a path. Hardly any name begins as one of the globs does; of
 * those that do, plain names are looked up, and other globs are tried.
 */
function compileNames(globs: readonly Glob[]): (path: string, start: number) => boolean {
  const literals = new Set<string>();
  const byInitial = new Map<number, Glob[]>();
  const ofAnyInitial: Glob[] = [];
  for (const glob of globs) {
    const literal = literalOf(glob);
    const initial = initialOf(glob);
    if (initial === null) ofAnyInitial.push(glob);
    else {
      const others = byInitial.get(initial) ?? [];
      if (literal !== null) literals.add(literal);
      byInitial.set(initial, literal === null ? [...others, glob] : others);
    }
  }
  return (path, start) => {
    const ofInitial = byInitial.get(path.charCodeAt(start));
    if (ofInitial === undefined && ofAnyInitial.length === 0) return false;
    const name = path.slice(start);
    const matches = (glob: Glob) => matchesGlob(glob, [name]);
    return literals.has(name) || ofInitial?.some(matches) === true || ofAnyInitial.some(matches);
  };
}

function readGlob(text: string): Glob {
  const glob = parseGlob(text);
  if (typeof glob === 'string') throw new TypeError(`"${text}" is not a valid glob: ${glob}`);
  return glob;
}
