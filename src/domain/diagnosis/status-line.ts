import type { IndexTotals, UserTrouble } from '../model/measurements.js';
import type { SpaceState } from '../model/space.js';
import { counted, grouped } from '../text/counted.js';

/** The state of a whole daemon, to be told in one line. */
export interface DaemonSummary {
  /** What its index holds; null before that is open. */
  readonly totals: Pick<IndexTotals, 'spaces' | 'images' | 'runningSyncs' | 'lastTrouble'> | null;
  /** Why the changed configuration is not in use, or null. */
  readonly refusal: string | null;
}

const NOTHING: NonNullable<DaemonSummary['totals']> = {
  spaces: new Map(),
  images: 0,
  runningSyncs: 0,
  lastTrouble: null,
};
/** States that may need attention, the gravest first. */
const NOTABLE: readonly SpaceState[] = ['suspended', 'held', 'failing', 'stale', 'pending'];
/** Most characters of a storage's message or of a refusal; the log has the rest. */
const MAX_WORDS = 160;

/** Returns one line for the service manager: spaces and their states, images, running syncs, and the last trouble. */
export function summarise({ totals, refusal }: DaemonSummary): string {
  const { spaces, images, runningSyncs, lastTrouble } = totals ?? NOTHING;
  const all = [...spaces.values()].reduce((sum, count) => sum + count, 0);
  const notable = NOTABLE.map((state) => ({ state, count: spaces.get(state) ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${grouped(count)} ${state}`);
  const counts = [
    `${counted(all, 'space')}${notable.length > 0 ? ` (${notable.join(', ')})` : ''}`,
    counted(images, 'image'),
    `${counted(runningSyncs, 'sync')} running`,
  ].join(', ');
  const parts = [
    ...(refusal === null ? [] : [`new configuration rejected, still using the old one: ${shorten(refusal)}`]),
    counts,
    ...(lastTrouble === null ? [] : [troubleText(lastTrouble)]),
  ];
  return parts.join('; ');
}

function troubleText({ user, at, message }: UserTrouble): string {
  return `last trouble: ${user} at ${new Date(at).toISOString()}: ${shorten(message)}`;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}
