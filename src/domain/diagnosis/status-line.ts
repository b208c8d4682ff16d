import { type Space, type SpaceState, stateOf } from '../model/space.js';
import { counted, grouped } from '../text/counted.js';

/** The state of a whole daemon, to be told in one line. */
export interface DaemonSummary {
  readonly spaces: readonly Space[];
  readonly runningSyncs: number;
  /** Why the changed configuration is not in use, or null. */
  readonly refusal: string | null;
  readonly now: number;
  /** The time between two scheduled syncs. */
  readonly intervalMs: number;
}

/** States that may need attention, the gravest first. */
const NOTABLE: readonly SpaceState[] = ['suspended', 'held', 'failing', 'stale', 'pending'];
/** Most characters of a storage's message or of a refusal; the log has the rest. */
const MAX_WORDS = 160;

/** Returns one line for the service manager: spaces and their states, images, running syncs, and the last trouble. */
export function summarise({ spaces, runningSyncs, refusal, now, intervalMs }: DaemonSummary): string {
  const states = spaces.map((space) => stateOf(space, now, intervalMs));
  const notable = NOTABLE.map((state) => ({ state, count: states.filter((each) => each === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${grouped(count)} ${state}`);
  const images = spaces.reduce((sum, space) => sum + space.images, 0);
  const counts = [
    `${counted(spaces.length, 'space')}${notable.length > 0 ? ` (${notable.join(', ')})` : ''}`,
    counted(images, 'image'),
    `${counted(runningSyncs, 'sync')} running`,
  ].join(', ');
  const parts = [
    ...(refusal === null ? [] : [`new configuration rejected, still using the old one: ${shorten(refusal)}`]),
    counts,
    ...lastTrouble(spaces),
  ];
  return parts.join('; ');
}

function lastTrouble(spaces: readonly Space[]): readonly string[] {
  let last: { user: string; at: number; message: string } | null = null;
  for (const { user, trouble } of spaces) {
    if (trouble !== null && (last === null || trouble.at > last.at)) last = { user, ...trouble };
  }
  if (last === null) return [];
  return [`last trouble: ${last.user} at ${new Date(last.at).toISOString()}: ${shorten(last.message)}`];
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}
