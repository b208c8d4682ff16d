import type { SpaceSettings } from '../model/space.js';
import { relocated, takenUp } from './space-decisions.js';
import type { SpaceRecord } from './space-record.js';

/** What the index knows of a space when the configuration is read. */
export interface RegisteredSpace {
  readonly user: string;
  readonly url: string;
  /** Stands for what counted as an image at its last sync; null in an index that didn't note it. */
  readonly rules: string | null;
  readonly isConfigured: boolean;
}

/**
 * What no longer proves anything of a space's collections. `markers`: that one is unchanged, emptied or a mount.
 * `listings`: its dates, and that it or images of the space were found absent.
 */
export type Voided = 'markers' | 'listings';

/** What a configuration changes for a space that the index knows. */
export interface SpaceChange {
  /** `left-out`: it is hidden and keeps its rows. `taken-up`: it is shown again. `relocated`: it lies elsewhere now. */
  readonly standing: 'same' | 'left-out' | 'taken-up' | 'relocated';
  readonly endsSyncs: boolean;
  readonly voids: readonly Voided[];
}

/** The settings are what they were. */
export const UNCHANGED: SpaceChange = { standing: 'same', endsSyncs: false, voids: [] };

/** `wanted`: its settings in the new configuration, or null; `rules` stands for what counts as an image in that. */
export function changeOf(
  space: RegisteredSpace,
  wanted: Pick<SpaceSettings, 'url'> | null,
  rules: string,
): SpaceChange {
  if (wanted === null) return space.isConfigured ? { ...UNCHANGED, standing: 'left-out', endsSyncs: true } : UNCHANGED;
  if (space.url !== wanted.url) return { standing: 'relocated', endsSyncs: true, voids: ['markers', 'listings'] };
  // What was passed over under other rules may be an image now, and the other way round.
  const voids: readonly Voided[] = space.rules === rules ? [] : ['markers'];
  if (space.isConfigured && voids.length === 0) return UNCHANGED;
  return { ...UNCHANGED, standing: space.isConfigured ? 'same' : 'taken-up', voids };
}

/** The record after such a change at `now`, of a space with so many images that are shown. */
export function afterChange(before: SpaceRecord, change: SpaceChange, shownImages: number, now: number): SpaceRecord {
  switch (change.standing) {
    case 'relocated':
      return relocated(takenUp(before, now), shownImages);
    case 'taken-up':
    case 'same': {
      const after = change.standing === 'same' ? before : takenUp(before, now);
      // A sync that goes on where others were left off relies on what they have listed.
      return change.voids.includes('markers') ? { ...after, leftOff: null } : after;
    }
    case 'left-out':
      return before;
  }
}
