import type { Description } from '../domain/ports/description-store.js';
import { type DescriptionJson, descriptionToJson } from './description.js';
import type { ImageJson } from './image.js';

/** One image as JSON, with all that is known of what it is. */
export interface ImageDetailsJson extends Omit<ImageJson, 'ovf'> {
  /** Why it can't be deployed, or not yet; none if it can. */
  readonly reasons: readonly string[];
  /** What is odd but does no harm. */
  readonly notes: readonly string[];
  /** null if it hasn't been read, or has no descriptor. */
  readonly ovf: DescriptionJson | null;
}

/** Adds to the JSON of an image all that is known of what it is; null if it is gone by now. */
export function withDetails<Json extends ImageJson>(
  json: Json,
  description: Description | null,
): Json & ImageDetailsJson {
  const { state, reasons, notes, reading } = description ?? { ...json, reasons: [], notes: [], reading: null };
  return {
    ...json,
    state,
    reasons,
    notes,
    ovf: reading?.kind === 'described' ? descriptionToJson(reading.descriptor) : null,
  };
}
