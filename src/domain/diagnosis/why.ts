import { compileExclusions, exclusionsOf } from '../model/exclusions.js';
import { isImageName } from '../model/image.js';
import { nameOf, parentOf, type ResourcePath, ROOT } from '../model/path.js';
import type { SpaceTrouble } from '../model/space.js';

/** What the index holds about one path. Times are ms since the epoch. */
export interface PathTrace {
  /** The image at that path; a tombstone has `missingSince`, one whose removal is not believed yet `absentSince`. */
  readonly image: {
    readonly missingSince: number | null;
    readonly absentSince: number | null;
    /** Whether it is complete, as far as the storage shows. */
    readonly isSettled: boolean;
  } | null;
  /** The nearest folder above it that the index knows; null if it does not even know the root. */
  readonly folder: { readonly path: ResourcePath; readonly isListed: boolean; readonly listedAt: number | null } | null;
  /** The parts that the last sync of the whole space left as they were, each as `/folder: why`. */
  readonly warnings: readonly string[];
  /** Some of the other places in the space where an image of that name is listed, in any case or Unicode form. */
  readonly elsewhere: readonly ResourcePath[];
}

/** What is known of the space that the path would be in. */
export interface SpaceOfPath {
  readonly trouble: SpaceTrouble | null;
  readonly heldRemovals: number | null;
  readonly lastSyncAt: number | null;
  readonly nextSyncAt: number | null;
}

/** The configuration's rules about which paths are listed. */
export interface ListingRules {
  readonly exclusions: readonly string[];
  /** Whether this one glob excludes a path. */
  readonly excludes: (glob: string, path: string) => boolean;
  readonly maxDepth: number;
}

/** Returns the rules that settings of the crawl make. */
export function listingRules(crawl: {
  readonly exclude: readonly string[];
  readonly excludeDefaults: boolean;
  readonly maxDepth: number;
}): ListingRules {
  return {
    exclusions: exclusionsOf(crawl),
    excludes: (glob, path) => compileExclusions([glob])(path),
    maxDepth: crawl.maxDepth,
  };
}

/** Why a path is in a user's list, or is not. */
export type PathReason =
  | { readonly kind: 'listed'; readonly isSettled: boolean }
  /** The storage no longer shows it, which is not believed yet. */
  | { readonly kind: 'held'; readonly since: number; readonly isHeld: boolean }
  | { readonly kind: 'excluded'; readonly glob: string; readonly at: ResourcePath }
  | { readonly kind: 'no-image'; readonly name: string; readonly isAppleDouble: boolean }
  | { readonly kind: 'too-deep'; readonly depth: number; readonly maxDepth: number }
  | { readonly kind: 'suspended' | 'failing'; readonly since: number; readonly message: string }
  | { readonly kind: 'never-synced' }
  | { readonly kind: 'folder-closed'; readonly folder: ResourcePath; readonly message: string }
  | { readonly kind: 'gone'; readonly since: number }
  | { readonly kind: 'folder-unknown'; readonly folder: ResourcePath; readonly lookedAt: number | null }
  | { readonly kind: 'folder-unlisted'; readonly folder: ResourcePath }
  | { readonly kind: 'not-there'; readonly folder: ResourcePath; readonly lookedAt: number | null }
  /** Only of a name: no image of that name was seen in any folder that could be listed. */
  | { readonly kind: 'not-seen'; readonly lookedAt: number };

/** What is known about a path, its space and the configuration. */
export interface KnownOfPath {
  readonly trace: PathTrace;
  readonly space: SpaceOfPath;
  readonly rules: ListingRules;
}

/**
 * Returns the first reason that holds, from what is certain whatever the storage has (it is listed, it is excluded) to
 * what the storage last said. Sends no request.
 */
export function explainPath(path: ResourcePath, { trace, space, rules }: KnownOfPath): PathReason {
  const { image, folder } = trace;
  const { trouble } = space;
  if (image !== null && image.missingSince === null) {
    if (image.absentSince === null) return { kind: 'listed', isSettled: image.isSettled };
    return { kind: 'held', since: image.absentSince, isHeld: space.heldRemovals !== null };
  }
  const excluded = exclusionOf(path, rules);
  if (excluded !== null) return { kind: 'excluded', ...excluded };
  const name = nameOf(path);
  if (!isImageName(name)) return { kind: 'no-image', name, isAppleDouble: name.startsWith('._') };
  const depth = path.split('/').length - 1;
  if (depth > rules.maxDepth) return { kind: 'too-deep', depth, maxDepth: rules.maxDepth };
  if (trouble?.kind === 'unauthorized') return { kind: 'suspended', since: trouble.at, message: trouble.message };
  if (folder === null || space.lastSyncAt === null) return { kind: 'never-synced' };
  const closed = closedFolderOf(path, trace.warnings);
  if (closed !== null) return { kind: 'folder-closed', ...closed };
  if (trouble?.kind === 'failed') return { kind: 'failing', since: trouble.at, message: trouble.message };
  if (image !== null && image.missingSince !== null) return { kind: 'gone', since: image.missingSince };
  const lookedAt = folder.listedAt ?? space.lastSyncAt;
  if (folder.path !== parentOf(path))
    return { kind: 'folder-unknown', folder: childTowards(folder.path, path), lookedAt };
  if (!folder.isListed) return { kind: 'folder-unlisted', folder: folder.path };
  return { kind: 'not-there', folder: folder.path, lookedAt };
}

/**
 * Returns why no image of a name is known anywhere in a space; `known` is of that name as a path, which is one in the
 * root. A folder that could not be listed is the first suspect.
 */
export function explainName(name: string, known: KnownOfPath): PathReason {
  const reason = explainPath(name as ResourcePath, known);
  if (reason.kind !== 'not-there' && reason.kind !== 'folder-unlisted') return reason;
  for (const warning of known.trace.warnings) {
    const [, folder, message] = /^\/(.*?): (.*)$/s.exec(warning) ?? [];
    if (folder !== undefined && message !== undefined) {
      return { kind: 'folder-closed', folder: folder as ResourcePath, message };
    }
  }
  const { lastSyncAt } = known.space;
  return lastSyncAt === null ? { kind: 'never-synced' } : { kind: 'not-seen', lookedAt: lastSyncAt };
}

/** Returns the root, the folders below it, and the path itself. */
function lineOf(path: ResourcePath): readonly ResourcePath[] {
  const names = path.split('/');
  return [ROOT, ...names.map((_, at) => names.slice(0, at + 1).join('/') as ResourcePath)];
}

/** Returns the glob that excludes a path, and the highest place that this glob matches. */
function exclusionOf(path: ResourcePath, { exclusions, excludes }: ListingRules) {
  for (const at of lineOf(path).slice(1)) {
    const glob = exclusions.find((each) => excludes(each, at));
    if (glob !== undefined) return { glob, at };
  }
  return null;
}

/** Returns the path itself or the folder above it that the last sync could not list. */
function closedFolderOf(path: ResourcePath, warnings: readonly string[]) {
  for (const folder of lineOf(path)) {
    const start = `/${folder}: `;
    const found = warnings.find((warning) => warning.startsWith(start));
    if (found !== undefined) return { folder, message: found.slice(start.length) };
  }
  return null;
}

/** Returns the folder directly in this one through which the path leads. */
function childTowards(folder: ResourcePath, path: ResourcePath): ResourcePath {
  const depth = folder === ROOT ? 0 : folder.split('/').length;
  return path
    .split('/')
    .slice(0, depth + 1)
    .join('/') as ResourcePath;
}
