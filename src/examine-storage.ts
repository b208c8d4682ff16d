import type { Config } from './config/schema.js';
import { createStorage } from './crawler.js';
import { diagnoseSpace } from './domain/diagnose-space.js';
import { type Finding, well } from './domain/diagnosis.js';
import type { Listing } from './domain/listing.js';
import { ROOT } from './domain/path.js';
import type { ImageIndex, RemoteStore } from './domain/ports.js';
import type { KnownCollection } from './domain/reconcile.js';
import type { Credentials, Space } from './domain/space.js';
import { type RootTrouble, troubleOfRoot } from './domain/unmarked-root.js';
import type { Compliance } from './webdav/compliance.js';

/** What is known of the spaces; null where there is no index to compare with. */
export interface KnownSpaces {
  readonly space: (user: string) => Promise<Space | null>;
  readonly known: ImageIndex['known'];
}

/** Spaces asked at the same time: as many as crawl at once by default. */
const AT_ONCE = 4;
/** For one space with its sample. Who waits at a terminal waits no longer for a storage that hangs. */
const SPACE_MS = 30_000;
/** Collections of a space that are listed, beside its root. */
const SAMPLED = 2;
/** Markers are trusted two seconds after a change; a clock that is off by more than a minute is off for other things, too. */
const SKEW_MS = 60_000;

const ACTION_OF: Readonly<Partial<Record<RootTrouble['failure'], string>>> = {
  unauthorized: 'put its auth in the configuration right; a suspended space then goes on by itself',
  forbidden: 'give this account the right to read there, or use another one',
  'not-found': 'put its url right, or leave it out of the configuration',
  rejected: 'put its url right: it must be that of a WebDAV folder',
  busy: 'wait, and ask no more of it than it takes; Nextcloud refuses every log-in from an address after ten failed ones in half an hour: put the address of ovadex on the allow-list of its brute-force protection, and right whatever credentials it refuses',
  unmarked:
    'put its auth right: an app password that the user has made, with access to files; a service account sees nothing',
  redirected: 'write the URL that it leads to into the configuration',
  timeout: 'look at the storage; crawl.timeouts says how long is waited',
  unreachable:
    'look whether the storage runs, its name is known here, and firewall, proxy and certificates let through',
  'foreign-href':
    'compare its url with what the storage calls it: upper and lower case count, and a proxy in front must pass paths on as they are',
  malformed: 'look whether its url has the right scheme, host and port: what answers there speaks broken HTTP, or none',
  'not-multistatus': 'put its url right: what answers there is no WebDAV server, or a portal before it',
};
const UNLISTABLE_ACTION =
  'discover from a WebDAV folder that may be listed; Nextcloud lists its users to nobody: name each with the own credentials under spaces';
const USUAL_ACTION = 'look at the log of the storage; ovadex leaves the list as it was until that is over';

/** Asks every storage for its root, what it can, and what time it has; lists a little of each space and compares. */
export async function examineStorages(
  config: Config,
  known: KnownSpaces | null,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const skews = new Map<string, number>();
  const advised = new Set<string>();
  const findings: Finding[][] = [];
  const places = [...config.discoveries.map((each) => ({ ...each, user: null })), ...config.spaces];
  const waiting = [...places.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const [at, place] = next;
      const noteTime = (askedAt: number | null, sentAt: number) => {
        if (askedAt !== null) skews.set(new URL(place.url).origin, askedAt - sentAt);
      };
      const adviseOnce = (origin: string) => !advised.has(origin) && advised.add(origin) !== null;
      findings[at] = await examinePlace(config, place, { known, noteTime, adviseOnce }, signal);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  signal.throwIfAborted();
  return [...[...skews].map(([origin, skewMs]) => examineClock(origin, skewMs)), ...findings.flat()];
}

interface Examining {
  readonly known: KnownSpaces | null;
  readonly noteTime: (askedAt: number | null, sentAt: number) => void;
  /** true for one of the spaces of an origin: what is advised of each of them is said once. */
  readonly adviseOnce: (origin: string) => boolean;
}

async function examinePlace(
  config: Config,
  place: Config['spaces'][number] | (Config['discoveries'][number] & { user: null }),
  { known, noteTime, adviseOnce }: Examining,
  outer: AbortSignal,
): Promise<Finding[]> {
  const storage = createStorage(config, Date.now, {
    retries: false,
    onRequest: (_outcome, seconds, askedAt) => noteTime(askedAt, Date.now() - seconds * 1_000),
  });
  const store = storage.open(place);
  const subject = place.user ?? place.url;
  const signal = AbortSignal.any([outer, AbortSignal.timeout(SPACE_MS)]);
  const space = place.user === null ? null : ((await known?.space(place.user)) ?? null);
  const condition = space === null ? [] : diagnoseSpace(space);
  try {
    const root = await store.list(ROOT, signal);
    const trouble = troubleOfRoot(root, place.user === null ? 'discovery' : 'space');
    if (trouble !== null) return [troubleFinding(place.user, subject, trouble), ...condition];
    const about = await storage.describe(place, signal);
    const { origin } = new URL(place.url);
    const isAdvised = wantsAppPassword(place.auth, root, about) && adviseOnce(origin);
    const findings = [reachable(subject, root, about), ...(isAdvised ? [appPasswords(origin)] : []), ...condition];
    if (place.user === null || known === null) return findings;
    return [...findings, ...(await sample(store, { user: place.user, space, known, root }, signal))];
  } catch (error) {
    if (!signal.aborted || outer.aborted) throw error;
    const silence = `no answer within ${SPACE_MS / 1_000} s`;
    return [problem(subject, silence, ACTION_OF.timeout ?? USUAL_ACTION), ...condition];
  } finally {
    await store.close();
    await storage.close();
  }
}

const problem = (subject: string, message: string, action: string): Finding => ({
  area: 'storage',
  subject,
  severity: 'problem',
  message,
  action,
});

function troubleFinding(user: string | null, subject: string, { failure, detail }: RootTrouble): Finding {
  const isUnlistable = user === null && failure === 'rejected';
  return problem(subject, detail, isUnlistable ? UNLISTABLE_ACTION : (ACTION_OF[failure] ?? USUAL_ACTION));
}

function reachable(subject: string, { marker, mayPropagate }: Listing, about: Compliance | null): Finding {
  const kind = marker === null ? 'no marker' : marker.startsWith('etag:') ? 'an ETag' : 'a date';
  const proves = mayPropagate ? ', of whole subtrees maybe (ownCloud, Nextcloud)' : '';
  const cost = marker === null ? '; every sync lists everything' : '';
  return well('storage', subject, `answers${selfDescription(about)}; its root has ${kind}${proves}${cost}`);
}

/** Five groups of five, as Nextcloud makes them in a user's settings, or 72 characters, as its command line does. */
const APP_PASSWORD = /^(?:[A-Za-z0-9]{5}(?:-[A-Za-z0-9]{5}){4}|[A-Za-z0-9]{72})$/;
/** Extensions that Nextcloud names in its `DAV` header. */
const NEXTCLOUD_CLASS = /^(?:nc|nextcloud)-/i;

/** Nextcloud hashes a user's own password anew for each request, which costs it 13 times as much. */
function wantsAppPassword(auth: Credentials, { mayPropagate }: Listing, about: Compliance | null): boolean {
  const isNextcloud = mayPropagate || about?.classes.some((word) => NEXTCLOUD_CLASS.test(word)) === true;
  return isNextcloud && auth.type === 'basic' && !APP_PASSWORD.test(auth.password);
}

function appPasswords(origin: string): Finding {
  return {
    area: 'storage',
    subject: origin,
    severity: 'note',
    message: "use app passwords on Nextcloud: a request with a user's own password costs it 13 times as much",
    action: 'the user makes one in the settings under Security, an administrator by: occ user:auth-tokens:add USER',
  };
}

function selfDescription(about: Compliance | null): string {
  if (about === null) return '';
  const { server, classes } = about;
  return [server === null ? '' : ` as ${server}`, classes.length === 0 ? '' : `, DAV ${classes.join(', ')}`].join('');
}

function examineClock(origin: string, skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= SKEW_MS) return well('clock', origin, `its clock and this one differ by ${seconds} s`);
  return {
    area: 'clock',
    subject: origin,
    severity: 'warning',
    message: `its clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this one`,
    action: 'set both by NTP; tokens and schedules go by this clock, dates of files by the other',
  };
}

async function sample(
  store: RemoteStore,
  { user, space, known, root }: { user: string; space: Space | null; known: KnownSpaces; root: Listing },
  signal: AbortSignal,
): Promise<Finding[]> {
  if (space === null || space.lastSyncAt === null) {
    if (space?.trouble != null) return []; // which says why
    const action = `wait for the first sync, or: ovadex sync --user ${user}`;
    return [{ area: 'sample', subject: user, severity: 'note', message: 'not synced to an end yet', action }];
  }
  const before = await known.known(space.id, ROOT);
  const findings = [compare(user, space, before, root)];
  for (const collection of pick(
    before.children.map(({ path }) => path),
    SAMPLED,
  )) {
    const listing = await store.list(collection, signal);
    findings.push(compare(user, space, await known.known(space.id, collection), listing));
  }
  return findings;
}

/** The first, the last, and what lies evenly between. */
function pick<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * (items.length - 1)) / (count - 1))] as Item);
}

/** Holds what the index knows of a collection against what it shows now. */
export function compare(user: string, space: Space, known: KnownCollection, listing: Listing): Finding {
  const subject = `${user}: /${listing.collection}`;
  const { verdict } = listing;
  if (!verdict.complete) {
    const action = ACTION_OF[verdict.failure] ?? USUAL_ACTION;
    return { area: 'sample', subject, severity: 'warning', message: verdict.detail, action };
  }
  const indexed = new Set<string>();
  for (const { path, isMissing } of known.images) if (!isMissing) indexed.add(path);
  const there = new Set<string>(listing.images.map(({ path }) => path));
  const lacking = [...there].filter((path) => !indexed.has(path)).length;
  const stale = [...indexed].filter((path) => !there.has(path)).length;
  if (lacking + stale === 0) return well('sample', subject, `${there.size} images, as the index has them`);

  const since = `since ${new Date(space.lastSyncAt ?? 0).toISOString()}, when the last sync ended`;
  const counts = `${lacking} images are new and ${stale} gone`;
  if (space.heldRemovals !== null) {
    const action = `ovadex held --user ${user} lists them, and says what to do`;
    const message = `${counts}; the removal of ${space.heldRemovals} in this space is held back`;
    return { area: 'sample', subject, severity: 'warning', message, action };
  }
  const hasMoved = known.marker === null || listing.marker === null || known.marker !== listing.marker;
  if (hasMoved) {
    const action = `nothing; the next sync takes them in, or now: ovadex sync --user ${user}`;
    return { area: 'sample', subject, severity: 'note', message: `${counts} ${since}`, action };
  }
  const message = `${counts} ${since}, though its ETag or date did not move`;
  const action = `ovadex sync --user ${user} --full; if that repeats, the storage's markers show nothing, which ovadex finds out by itself`;
  return { area: 'sample', subject, severity: 'warning', message, action };
}
