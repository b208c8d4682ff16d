import { randomBytes } from 'node:crypto';
import type { Space, SpaceState } from '../../domain/model/space.js';

/** The state of a list without a space; `unlinked`: the user may connect one. */
export type NoSpace = 'none' | 'unlinked';

/** What an answer says about its space besides the list. */
export interface Validators {
  /** Identifies the content regardless of its coding (RFC 9110 8.8.3): weak, since `meta.time` differs. */
  readonly etag: string;
  /** When the list last changed, in ms since the epoch; null if there is no space. */
  readonly changedAt: number | null;
  /** `changedAt` as an HTTP-date (RFC 9110 5.6.7); empty for null. */
  readonly modified: string;
  /** When the list was last known to be whole, RFC 3339; empty for never. */
  readonly syncedOn: string;
  /** Returns the end of a JSON body, given the seconds that the answer took. */
  end(seconds: number): string;
}

/** What all answers about a space in one state have in common. */
interface Common extends Omit<Validators, 'etag'> {
  readonly state: SpaceState | NoSpace;
  /** The beginning of their ETags. */
  readonly tag: string;
}

/** Returns the name of a run, for ETags that no other run gives. */
export function newRun(): string {
  return randomBytes(6).toString('hex');
}

/**
 * Creates validators; `question` tells the answers about a space apart. A crash of the machine may undo the last
 * commits along with their revision numbers, so ETags are valid for one run only: that of this process, or of an index that
 * many hosts share. What is the same for all answers about a space is kept with it: writing its two dates takes 2 µs.
 */
export function createValidators(
  run: string,
): (space: Space | null, state: SpaceState | NoSpace, question: string) => Validators {
  const kept = new WeakMap<Space, Common>();
  const commonOf = (space: Space | null, state: SpaceState | NoSpace): Common => {
    const known = space === null ? undefined : kept.get(space);
    if (known?.state === state) return known;
    const common = describe(run, space, state);
    if (space !== null) kept.set(space, common);
    return common;
  };
  return (space, state, question) => {
    const { tag, changedAt, modified, syncedOn, end } = commonOf(space, state);
    return { etag: `${tag}-${question}-${state}"`, changedAt, modified, syncedOn, end };
  };
}

function describe(run: string, space: Space | null, state: SpaceState | NoSpace): Common {
  const changedAt = space === null ? null : (space.changedAt ?? space.addedAt);
  const syncedOn = space === null || space.lastSuccessAt === null ? '' : new Date(space.lastSuccessAt).toISOString();
  const index = `{"state":"${state}","synced_on":${syncedOn === '' ? 'null' : `"${syncedOn}"`}},"time":"`;
  return {
    state,
    tag: `W/"${run}-${space?.id ?? 0}-${space?.revision ?? 0}`,
    changedAt,
    modified: changedAt === null ? '' : new Date(changedAt).toUTCString(),
    syncedOn,
    end: (seconds) => `${index}${seconds.toFixed(5)}s"}}`,
  };
}

/** Preconditions of a request for an existing resource (RFC 9110 13.1). */
export interface Preconditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/**
 * Whether a client has been told more of its space than this, by another host whose news has not arrived here: its tag
 * names a later revision, or a newer space.
 */
export function isBehind(space: Version | null, ifNoneMatch: string | undefined, run: string): boolean {
  const ours = versionOf(space);
  return versionsShown(ifNoneMatch, run).some(
    ({ id, revision }) => id > ours.id || (id === ours.id && revision > ours.revision),
  );
}

/**
 * Whether a client shows another revision than that of this space, which may be a later one: those of several spaces taken
 * together have no order.
 */
export function hasOtherRevision(space: Version | null, ifNoneMatch: string | undefined, run: string): boolean {
  const ours = versionOf(space);
  return versionsShown(ifNoneMatch, run).some(({ id, revision }) => id !== ours.id || revision !== ours.revision);
}

type Version = Pick<Space, 'id' | 'revision'>;

/** A user without a space has had none in any revision. */
function versionOf(space: Version | null): Version {
  return space ?? { id: 0, revision: 0 };
}

/** Returns what a client's tags of this run say that it has. */
function versionsShown(ifNoneMatch: string | undefined, run: string): readonly Version[] {
  return (ifNoneMatch?.match(ENTITY_TAG) ?? []).flatMap((tag) => {
    const [, ofRun, id, revision] = VERSION.exec(tag) ?? [];
    return ofRun === run ? [{ id: Number(id), revision: Number(revision) }] : [];
  });
}

/** The beginning of our own tags: the run, the space and its revision. */
const VERSION = /^(?:W\/)?"([\da-f]{12})-(\d{1,16})-(\d{1,16})-/;
/** An entity tag in a list of them; commas may be inside (RFC 9110 8.8.3). */
const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * Whether the client already has the content, so that the answer is 304. Tags are compared weakly. A date counts only
 * without a tag (RFC 9110 13.1.3), and never for a change in the very second that it names, since another may have
 * followed within it.
 */
export function isUnchanged(
  { ifNoneMatch, ifModifiedSince }: Preconditions,
  etag: string,
  changedAt: number | null,
  now: number,
): boolean {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return true;
    const opaque = (tag: string) => tag.replace(/^W\//, '');
    return (ifNoneMatch.match(ENTITY_TAG) ?? []).some((tag) => opaque(tag) === opaque(etag));
  }
  if (ifModifiedSince === undefined || changedAt === null) return false;
  const since = Date.parse(ifModifiedSince);
  if (Number.isNaN(since) || since > now) return false;
  return isDatable(changedAt, now) && Math.floor(changedAt / 1000) * 1000 <= since;
}

/** From when Last-Modified may be sent, in ms since the epoch; never without a change. */
export function datableFrom(changedAt: number | null): number {
  return changedAt === null ? Number.POSITIVE_INFINITY : (Math.floor(changedAt / 1000) + 1) * 1000;
}

/** Whether Last-Modified may be sent: not during the second of the change. */
export function isDatable(changedAt: number | null, now: number): changedAt is number {
  return changedAt !== null && Math.floor(changedAt / 1000) < Math.floor(now / 1000);
}
