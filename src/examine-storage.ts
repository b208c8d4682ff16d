import type { Config } from './config/schema.js';
import { createStorage } from './crawler.js';
import { type Finding, well } from './domain/diagnosis.js';
import type { Listing, ListingFailure, Probe } from './domain/listing.js';
import { ROOT } from './domain/path.js';
import type { ImageIndex, RemoteStore } from './domain/ports.js';
import type { KnownCollection } from './domain/reconcile.js';
import type { Space } from './domain/space.js';
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

const ACTION_OF: Readonly<Partial<Record<ListingFailure, string>>> = {
  unauthorized: 'put its auth in the configuration right; a suspended space then goes on by itself',
  forbidden: 'give this account the right to read there, or use another one',
  'not-found': 'put its url right, or leave it out of the configuration',
  rejected: 'put its url right: it must be that of a WebDAV folder',
  redirected: 'write the URL that it leads to into the configuration',
  timeout: 'look at the storage; crawl.timeouts says how long is waited',
  unreachable:
    'look whether the storage runs, its name is known here, and firewall, proxy and certificates let through',
  'foreign-href':
    'compare its url with what the storage calls it: upper and lower case count, and a proxy in front must pass paths on as they are',
  malformed: 'look whether its url has the right scheme, host and port: what answers there speaks broken HTTP, or none',
  'not-multistatus': 'put its url right: what answers there is no WebDAV server, or a portal before it',
};
const USUAL_ACTION = 'look at the log of the storage; ovadex leaves the list as it was until that is over';

/** Asks every storage whether it is there, what it can, and what time it has; lists a little of each space and compares. */
export async function examineStorages(
  config: Config,
  known: KnownSpaces | null,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const skews = new Map<string, number>();
  const findings: Finding[][] = [];
  const places = [...config.discoveries.map((each) => ({ ...each, user: null })), ...config.spaces];
  const waiting = [...places.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const [at, place] = next;
      const noteTime = (askedAt: number | null, sentAt: number) => {
        if (askedAt !== null) skews.set(new URL(place.url).origin, askedAt - sentAt);
      };
      findings[at] = await examinePlace(config, place, known, noteTime, signal);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  signal.throwIfAborted();
  return [...[...skews].map(([origin, skewMs]) => examineClock(origin, skewMs)), ...findings.flat()];
}

async function examinePlace(
  config: Config,
  place: Config['spaces'][number] | (Config['discoveries'][number] & { user: null }),
  known: KnownSpaces | null,
  noteTime: (askedAt: number | null, sentAt: number) => void,
  outer: AbortSignal,
): Promise<Finding[]> {
  const storage = createStorage(config, Date.now, {
    retries: false,
    onRequest: (_outcome, seconds, askedAt) => noteTime(askedAt, Date.now() - seconds * 1_000),
  });
  const store = storage.open(place);
  const subject = place.user ?? place.url;
  const signal = AbortSignal.any([outer, AbortSignal.timeout(SPACE_MS)]);
  try {
    const probe = await store.probe(ROOT, signal);
    const about = probe.presence === 'present' ? await storage.describe(place, signal) : null;
    const finding = reachability(subject, probe, about);
    if (finding.severity !== 'ok' || place.user === null || known === null) return [finding];
    return [finding, ...(await sample(store, place.user, known, signal))];
  } catch (error) {
    if (!signal.aborted || outer.aborted) throw error;
    return [problem(subject, `no answer within ${SPACE_MS / 1_000} s`, ACTION_OF.timeout ?? USUAL_ACTION)];
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

function reachability(
  subject: string,
  { presence, failure, detail, marker, mayPropagate }: Probe,
  about: Compliance | null,
): Finding {
  if (presence !== 'present') return problem(subject, detail, (failure && ACTION_OF[failure]) ?? USUAL_ACTION);
  const kind = marker === null ? 'no marker' : marker.startsWith('etag:') ? 'an ETag' : 'a date';
  const proves = mayPropagate ? ', of whole subtrees maybe (ownCloud, Nextcloud)' : '';
  const cost = marker === null ? '; every sync lists everything' : '';
  return well('storage', subject, `answers${selfDescription(about)}; its root has ${kind}${proves}${cost}`);
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

async function sample(store: RemoteStore, user: string, known: KnownSpaces, signal: AbortSignal): Promise<Finding[]> {
  const space = await known.space(user);
  if (space === null || space.lastSyncAt === null) {
    const action = `wait for the first sync, or: ovadex sync --user ${user}`;
    return [{ area: 'sample', subject: user, severity: 'note', message: 'not synced to an end yet', action }];
  }
  const root = await known.known(space.id, ROOT);
  const children = root.children.map(({ path }) => path);
  const chosen = [ROOT, ...pick(children, SAMPLED)];
  const findings: Finding[] = [];
  for (const collection of chosen) {
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
    const action = `look whether they are really gone, then: ovadex accept --user ${user}`;
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
