import { stringify } from 'yaml';
import type { ShownEntry } from './shown.js';

/** Writes what is shown of a configuration in the form of its file. */
export function shownText(shown: ShownEntry): string {
  return stringify(shown, { lineWidth: 0 });
}
