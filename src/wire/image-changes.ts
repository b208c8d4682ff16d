import type { RemovedImage } from '../domain/ports/image-changes.js';
import { timestamp } from './timestamp.js';

/** An image that a list no longer has, as JSON. */
export interface DeletedImageJson {
  readonly id: number;
  readonly path: string;
  readonly deleted_on: string;
}

export function deletedImageToJson({ id, path, removedAt }: RemovedImage): DeletedImageJson {
  return { id, path, deleted_on: timestamp(removedAt) };
}
