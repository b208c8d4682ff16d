import type { FoundImage } from '../../domain/lists/image-search.js';
import type { Image } from '../../domain/model/image.js';
import { timestamp } from '../reply/envelope.js';

/** An image in the words of the wire contract. */
export function toItem(image: Image) {
  return {
    name: image.name,
    path: image.path,
    id: image.id,
    size: image.sizeBytes,
    created_on: timestamp(image.createdAt),
    updated_on: timestamp(image.updatedAt),
    modified_on: timestamp(image.modifiedAt),
    settled: image.isSettled,
  };
}

/** The same with whose it is. */
export function toFoundItem(image: FoundImage) {
  return { user: image.user, ...toItem(image) };
}

/** The names of what an item has, in their order. */
export const ITEM_COLUMNS = [
  'name',
  'path',
  'id',
  'size',
  'created_on',
  'updated_on',
  'modified_on',
  'settled',
] as const satisfies readonly (keyof ReturnType<typeof toItem>)[];
export const FOUND_ITEM_COLUMNS = ['user', ...ITEM_COLUMNS] as const;
