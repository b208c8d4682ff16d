import type { ImageResource } from '../../domain/model/image.js';
import { parentOf, type ResourcePath, withAncestors } from '../../domain/model/path.js';
import type { Batch } from './batch.js';
import { createCollections, findCollections } from './collection-writer.js';
import { showImages } from './image-writer.js';

/** Shows images like `ImageIndex.show`. */
export async function showFound(
  batch: Batch,
  images: readonly ImageResource[],
  unsettled: ReadonlySet<ResourcePath>,
): Promise<void> {
  const paths = new Set(images.flatMap(({ path }) => withAncestors(parentOf(path))));
  const rows = await findCollections(batch, paths);
  const isNew = [...paths].filter((path) => !rows.has(path));
  await createCollections(batch, rows, isNew, new Map(), new Map());
  await showImages(
    batch,
    images.flatMap((image) => {
      const row = rows.get(parentOf(image.path));
      return row === undefined ? [] : { collection: row.id, image, isSettled: !unsettled.has(image.path) };
    }),
  );
}
