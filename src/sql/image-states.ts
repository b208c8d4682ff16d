import type { ImageState } from '../domain/model/image.js';

/** The states by their numbers in the index, as the migrations that made the column have them. */
export const STATES: readonly ImageState[] = ['unknown', 'ok', 'incomplete', 'uploading', 'broken'];

/** Returns the state that an image is shown in, by the columns that the index has for it; a number of null: nobody has read it. */
export function stateFrom(isSettled: boolean | 0 | 1, state: number | null): ImageState {
  return isSettled ? (STATES[state ?? 0] ?? 'unknown') : 'uploading';
}

/** Returns the number of a state. */
export function numberOfState(state: ImageState): number {
  return STATES.indexOf(state);
}
