import type { SpaceSettings } from '../../domain/model/space.js';
import type { Roster, RosterEntry } from './space-roster.js';

/**
 * Groups the crawled spaces by a key of their settings, such as their storage. Claims ask again and again for those of a storage
 * in trouble, so the groups are made once and again only after the roster has changed.
 */
export function groupSpaces(
  roster: Pick<Roster, 'settings' | 'entries'>,
  keyOf: (settings: SpaceSettings) => string,
): (key: string) => readonly RosterEntry[] {
  let grouped: { readonly settings: readonly SpaceSettings[]; readonly groups: Map<string, RosterEntry[]> } | null =
    null;
  return (key) => {
    const settings = roster.settings();
    if (grouped?.settings !== settings) {
      grouped = { settings, groups: new Map() };
      for (const entry of roster.entries()) {
        const its = keyOf(entry.settings);
        const group = grouped.groups.get(its);
        if (group === undefined) grouped.groups.set(its, [entry]);
        else group.push(entry);
      }
    }
    return grouped.groups.get(key) ?? [];
  };
}
