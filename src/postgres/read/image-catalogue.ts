import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { Database } from '../connection/database.js';

export function createImageCatalogue(_db: Database): ImageCatalogue {
  throw new Error('not written yet');
}
