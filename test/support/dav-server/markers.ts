import type { DavNode } from './tree.js';

/**
 * What a collection shows of its changes.
 * - `apache`: getetag and getlastmodified move when a direct member comes or goes.
 * - `nginx`: the same by getlastmodified alone, whole seconds; files have no ETag either.
 * - `nextcloud`: both move with every change anywhere below, but not with those inside of a mount.
 * - `still`: nothing ever moves, as in rclone before 1.65.
 */
export type MarkerStyle = 'apache' | 'nginx' | 'nextcloud' | 'still';
export const MARKER_STYLES: readonly MarkerStyle[] = ['apache', 'nginx', 'nextcloud', 'still'];

/** How far up a change moves the markers. */
export type MarkerReach = 'parent' | 'ancestors';

/** What a node's getetag and getlastmodified are made of. */
export interface DavMarker {
  readonly modifiedAt: number;
  readonly version: number;
}

export function reachOf(style: MarkerStyle): MarkerReach {
  return style === 'nextcloud' ? 'ancestors' : 'parent';
}

export interface ShownMarker {
  /** Without its quotes; null where the server has none. */
  readonly etag: string | null;
  readonly modifiedAt: number;
}

/** What a PROPFIND shows of a node. `startedAt` is the time at which the server started. */
export function shownMarker(node: DavNode, style: MarkerStyle, startedAt: number): ShownMarker {
  const isCollection = node.children !== null;
  const hasEtag = style === 'apache' || style === 'nextcloud' || (style === 'still' && !isCollection);
  const modifiedAt = style === 'still' && isCollection ? startedAt : node.modifiedAt;
  return { etag: hasEtag ? etagOf(node, style) : null, modifiedAt };
}

function etagOf({ sizeBytes, version, id }: DavNode, style: MarkerStyle): string {
  // Nextcloud's are a uniqid() each, which tells nothing of the file.
  if (style === 'nextcloud') return `${id.toString(16)}b${version.toString(16).padStart(12, '0')}`;
  return `${sizeBytes.toString(16)}-${version.toString(16)}`;
}
