import type { SpaceSettings } from '../model/space.js';
import { relocated, takenUp } from './space-decisions.js';
import type { SpaceRecord } from './space-record.js';

/** What the index knows about a space when the configuration is read. */
export interface RegisteredSpace {
  readonly user: string;
  readonly url: string;
  /** Stands for what counted as an image at its last sync; null in an index that didn't note it. */
  readonly rules: string | null;
  readonly isConfigured: boolean;
}

/**
 * What no longer proves anything about a space's collections. `markers`: that one is unchanged or a mount. `listings`:
 * its dates, that it was found emptied, and that it or images of the space were found absent.
 */
export type Voided = 'markers' | 'listings';

/** What a configuration changes about a space that the index knows. */
export interface SpaceChange {
  /** `left-out`: it is hidden and keeps its rows. `taken-up`: it is shown again. `relocated`: it is now at another URL. */
  readonly standing: 'same' | 'left-out' | 'taken-up' | 'relocated';
  readonly endsSyncs: boolean;
  readonly voids: readonly Voided[];
}

/** The change if the settings are the same. */
export const UNCHANGED: SpaceChange = { standing: 'same', endsSyncs: false, voids: [] };

/**
 * Returns what changes about a space. `wanted` are its settings in the new configuration, or null; `rules` stands for
 * what counts as an image there.
 */
export function changeOf(
  space: RegisteredSpace,
  wanted: Pick<SpaceSettings, 'url'> | null,
  rules: string,
): SpaceChange {
  if (wanted === null) return space.isConfigured ? { ...UNCHANGED, standing: 'left-out', endsSyncs: true } : UNCHANGED;
  if (space.url !== wanted.url) return { standing: 'relocated', endsSyncs: true, voids: ['markers', 'listings'] };
  // What was passed over under other rules may be an image now, and vice versa.
  const voids: readonly Voided[] = space.rules === rules ? [] : ['markers'];
  if (space.isConfigured && voids.length === 0) return UNCHANGED;
  return { ...UNCHANGED, standing: space.isConfigured ? 'same' : 'taken-up', voids };
}

/** Returns the record after such a change at `now`, of a space with this many shown images. */
export function afterChange(before: SpaceRecord, change: SpaceChange, shownImages: number, now: number): SpaceRecord {
  switch (change.standing) {
    case 'relocated':
      return relocated(takenUp(before, now), shownImages);
    case 'taken-up':
    case 'same': {
      const after = change.standing === 'same' ? before : takenUp(before, now);
      // A sync that continues where others left off relies on what they have listed.
      const search = { ...after.search, searchedMarker: null };
      return change.voids.includes('markers') ? { ...after, leftOff: null, search } : after;
    }
    case 'left-out':
      return before;
  }
}
