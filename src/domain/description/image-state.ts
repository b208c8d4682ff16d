import type { ImageState } from '../model/image.js';
import type { Sibling } from '../model/listing.js';
import { compareWithSiblings } from './beside.js';
import { resolveHref } from './href.js';
import type { Reading, Reason } from './reading.js';

export { IMAGE_STATES, type ImageState } from '../model/image.js';
export type { Sibling } from '../model/listing.js';

/** What is to be said of an image's state. */
export interface JudgedState {
  readonly state: ImageState;
  /** A code, mostly with what it is about: `missing-file: disk1.vmdk`. */
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
}

/** The image itself may be right: something of it isn't there, or not yet. */
const INCOMPLETE: ReadonlySet<string> = new Set<Reason>([
  'truncated',
  'missing-file',
  'short-file',
  'missing-member',
  'outside',
]);

/** The most reasons, and notes, that are told of one image: its references may be any number. */
const MOST_TOLD = 100;

/**
 * Judges an image by its reading, null if it hasn't been read, and, for an `.ovf`, by the files beside it; null if those
 * are not known. An image that isn't settled is `uploading`, whatever else is known of it.
 */
export function judgeState(
  image: { readonly name: string; readonly isSettled: boolean },
  reading: Reading | null,
  siblings: readonly Sibling[] | null,
): JudgedState {
  if (!image.isSettled) return { state: 'uploading', reasons: [], notes: [] };
  if (reading === null) return { state: 'unknown', reasons: [], notes: [] };
  if (reading.kind === 'broken') return told(stateBy(reading.reasons), reading.reasons, reading.notes);

  const { files } = reading.descriptor;
  const outside = files
    .filter(({ href }) => resolveHref(href).kind === 'outside')
    .map(({ href }) => `outside: ${href}`);
  const own = [...reading.reasons, ...outside];
  if (!/\.ovf$/i.test(image.name)) return told(stateBy(own), own, reading.notes);
  if (siblings === null) {
    const isAlone = files.length === outside.length;
    const note = isAlone ? [] : ['which files are beside the descriptor is not known'];
    return told(isAlone || own.length > 0 ? stateBy(own) : 'unknown', own, [...reading.notes, ...note]);
  }
  const beside = compareWithSiblings(files, siblings);
  const reasons = [...own, ...beside.reasons];
  return told(stateBy(reasons), reasons, [...reading.notes, ...beside.notes]);
}

/** The worst of all reasons decides. */
function stateBy(reasons: readonly string[]): ImageState {
  if (reasons.length === 0) return 'ok';
  return reasons.every((reason) => INCOMPLETE.has(reason.split(':', 1)[0] ?? '')) ? 'incomplete' : 'broken';
}

function told(state: ImageState, reasons: readonly string[], notes: readonly string[]): JudgedState {
  return { state, reasons: shortened(reasons), notes: shortened(notes) };
}

function shortened(lines: readonly string[]): readonly string[] {
  const unique = [...new Set(lines)];
  return unique.length <= MOST_TOLD
    ? unique
    : [...unique.slice(0, MOST_TOLD), `and more like these: ${unique.length - MOST_TOLD}`];
}
