import type { KnownChild } from '../../domain/model/markers.js';
import type { ResourcePath } from '../../domain/model/path.js';
import type { KnownImage } from '../../domain/reconcile/known-images.js';

export type ChildRow = readonly [
  path: ResourcePath,
  marker: string | null,
  isSettled: 0 | 1,
  isProven: 0 | 1,
  absentInSync: number | null,
  absentInFull: number | null,
  isJoined: 0 | 1,
  isLeaf: 0 | 1,
];

export type KnownImageRow = readonly [
  id: number,
  path: ResourcePath,
  sizeBytes: number | null,
  etag: string | null,
  modifiedAt: number | null,
  isMissing: 0 | 1,
  absentInSync: number | null,
  absentInFull: number | null,
  isSettled: 0 | 1,
  updatedAt: number,
];

export function childFromRow(row: ChildRow): KnownChild {
  const [path, marker, isSettled, isProven, absentInSync, absentInFull, isJoined, isLeaf] = row;
  return {
    path,
    marker,
    isSettled: isSettled === 1,
    isProven: isProven === 1,
    absentInSync,
    absentInFull,
    isJoined: isJoined === 1,
    isLeaf: isLeaf === 1,
  };
}

export function knownImageFromRow(row: KnownImageRow, now: number): KnownImage {
  const [id, path, sizeBytes, etag, modifiedAt, isMissing, absentInSync, absentInFull, isSettled, updatedAt] = row;
  const whole = { isSettled: isSettled === 1, unchangedMs: now - updatedAt };
  return { id, path, sizeBytes, etag, modifiedAt, isMissing: isMissing === 1, absentInSync, absentInFull, ...whole };
}
