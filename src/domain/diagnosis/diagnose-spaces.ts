import type { Space, SpaceState } from '../model/space.js';
import { grouped } from '../text/counted.js';
import { quote } from '../text/quote.js';
import { diagnoseSpace } from './diagnose-space.js';
import { type Finding, RENEW_LINK } from './finding.js';

/** Up to this many spaces of one host with the same kind of trouble are reported one by one. */
const EACH = 5;
const NAMED = 3;

type Kind = Exclude<SpaceState, 'fresh' | 'pending'>;

/**
 * Lists what the index says is wrong with these spaces; trouble of a whole host is reported once for all of them. `linked`
 * are users who have connected their storage themselves; `now` is in ms since the epoch.
 */
export function diagnoseSpaces(
  spaces: readonly Space[],
  now: number,
  linked: ReadonlySet<string> = new Set(),
): readonly Finding[] {
  const isLinked = ({ user }: Space) => linked.has(user);

  const groups = new Map<string, { kind: Kind; origin: string; spaces: Space[] }>();
  for (const space of spaces) {
    const kind = kindOf(space);
    if (kind === null) continue;
    const { origin } = new URL(space.url);
    const key = `${kind} ${origin}`;
    const group = groups.get(key) ?? { kind, origin, spaces: [] };
    group.spaces.push(space);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ kind, origin, spaces: its }) =>
    its.length <= EACH
      ? its.flatMap((space) => diagnoseSpace(space, now, isLinked(space)))
      : [together(kind, origin, its, its.every(isLinked))],
  );
}

function kindOf({ trouble, heldRemovals }: Space): Kind | null {
  if (trouble?.kind === 'unauthorized') return 'suspended';
  if (heldRemovals !== null) return 'held';
  if (trouble === null) return null;
  return trouble.kind === 'failed' ? 'failing' : 'stale';
}

const TOLD: Readonly<Record<Kind, { readonly what: string; readonly action: string }>> = {
  suspended: {
    what: 'spaces are suspended because their storage refused the credentials',
    action: 'correct their auth settings, and they resume by themselves; to try one right now: ovadex resume --user U',
  },
  held: {
    what: 'spaces have removals that are held back',
    action:
      'check whether the storage shows all of its files; ovadex held --user U lists what is missed; then ovadex accept --user U or ovadex keep --user U',
  },
  failing: {
    what: 'spaces are failing; their lists stay as they were',
    action: 'check the storage; their next syncs try again',
  },
  stale: {
    what: 'spaces could not be listed completely',
    action: 'check why the storage does not list all of their folders',
  },
};

function together(kind: Kind, origin: string, spaces: readonly Space[], areLinked: boolean): Finding {
  const { what, action: usual } = TOLD[kind];
  const action = areLinked && kind === 'suspended' ? `of each, ${RENEW_LINK}` : usual;
  const users = spaces.slice(0, NAMED).map(({ user }) => quote(user));
  const since = spaces.reduce((first, { trouble }) => Math.min(first, trouble?.at ?? first), Number.POSITIVE_INFINITY);
  const age = Number.isFinite(since) ? `, the first since ${new Date(since).toISOString()}` : '';
  const example = spaces[0]?.trouble?.message ?? spaces[0]?.heldReasons[0] ?? '';
  return {
    area: 'space',
    subject: origin,
    severity: kind === 'stale' ? 'warning' : 'problem',
    message: `${grouped(spaces.length)} ${what}${age}: ${users.join(', ')} and ${grouped(spaces.length - NAMED)} more; ${example}`,
    action: `${action}; ovadex spaces --state ${kind} lists them`,
  };
}
