import { type Glob, literalOf, matchesGlob, parseGlob } from './glob.js';

/**
 * What is left out where nobody says otherwise: bins, snapshots and old versions that file servers, operating systems and
 * clients keep beside people's files, and what marks a file as open. None of it is where people keep an image.
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
  // Open in an office program, in Emacs, or deleted while open (Apple's SMB client)
  '~$*',
  '.#*',
  '.smbdelete*',
];

/** All globs of what is left out. */
export function exclusionsOf(crawl: {
  readonly exclude: readonly string[];
  readonly excludeDefaults: boolean;
}): readonly string[] {
  return crawl.excludeDefaults ? [...USUAL_EXCLUSIONS, ...crawl.exclude] : crawl.exclude;
}

/**
 * Whether a path is left out of the index by these globs, all of which can be read. One without a slash is tried on every
 * name along the path, one with a slash on the path from the space's root; whatever lies below a match is left
 * out, too. Case matters, as it does in a storage.
 */
export function compileExclusions(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => false; // asked for every member of every collection
  const parsed = globs.map((text) => ({ isOfNames: !text.includes('/'), glob: readGlob(text) }));
  const literals = new Set<string>();
  const ofNames: Glob[] = [];
  const ofPaths: Glob[] = [];
  for (const { isOfNames, glob } of parsed) {
    const literal = isOfNames ? literalOf(glob) : null;
    if (literal !== null) literals.add(literal);
    else (isOfNames ? ofNames : ofPaths).push(glob);
  }
  const isExcludedName = (name: string) => literals.has(name) || ofNames.some((glob) => matchesGlob(glob, [name]));
  return (path) => {
    if (path === '') return false; // the root
    const names = path.split('/');
    return names.some(isExcludedName) || ofPaths.some((glob) => matchesGlob(glob, names));
  };
}

function readGlob(text: string): Glob {
  const glob = parseGlob(text);
  if (typeof glob === 'string') throw new TypeError(`"${text}" is no glob: ${glob}`);
  return glob;
}
