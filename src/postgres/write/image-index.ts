import type { Clock } from '../../domain/ports/clock.js';
import type { ImageIndex } from '../../domain/ports/image-index.js';
import type { Database } from '../connection/database.js';

export function createImageIndex(_db: Database, _clock: Clock): ImageIndex {
  throw new Error('not written yet');
}
