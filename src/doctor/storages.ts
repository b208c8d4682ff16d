import { createStorage } from '../app/crawler.js';
import type { Config } from '../config/schema.js';
import { adviceOnRoot } from '../domain/diagnosis/advice-on-root.js';
import { type Finding, ok } from '../domain/diagnosis/finding.js';
import { type HostSign, signOf } from '../domain/hosts/host-record.js';
import type { Listing } from '../domain/model/listing.js';
import { ROOT } from '../domain/model/path.js';
import type { Credentials, DiscoverySettings, Space, SpaceSettings } from '../domain/model/space.js';
import type { KnownContent } from '../domain/ports/image-index.js';
import { type RootTrouble, troubleOfRoot } from '../domain/reconcile/unmarked-root.js';
import { counted } from '../domain/text/counted.js';
import type { Compliance } from '../webdav/compliance.js';
import { askHosts, type Host, hostsOf } from './hosts.js';
import { pick, sample } from './sample.js';

/** What the index knows of the spaces; null if there is no index to compare with. */
export interface KnownSpaces {
  readonly spaceOf: ReadonlyMap<string, Space>;
  readonly index: KnownContent;
}

/** A space, or the folder of a discovery. */
export type Place = SpaceSettings | (DiscoverySettings & { readonly user: null });

export interface Examining {
  readonly known: KnownSpaces | null;
  /** Users who have connected their storage themselves. */
  readonly linked: ReadonlySet<string>;
  /** Each finding as it comes. */
  readonly tell: (finding: Finding) => void;
  /** Called with the number of places just finished. */
  readonly onAsked?: (places: number) => void;
  readonly signal: AbortSignal;
}

/** Time limit for a space with its sample: nobody at a terminal should wait longer for a storage that hangs. */
const SPACE_MS = 30_000;
/**
 * Spaces per host whose content is compared with the index; of others only the root is asked for, since trouble with
 * markers affects a whole host.
 */
const SAMPLED_SPACES = 8;
/** Markers are trusted two seconds after a change; a clock that is off by more than a minute is off for other things, too. */
const SKEW_MS = 60_000;

/** Tools for asking a host's places, and what they have revealed so far. */
interface HostTools {
  readonly storage: ReturnType<typeof createStorage>;
  readonly sampled: ReadonlySet<Place>;
  /** The host's last description of itself. */
  about: Promise<Compliance | null> | null;
  skewMs: number | null;
  isAdvised: boolean;
}

/**
 * Asks the storages of these places for their roots, capabilities and clocks; lists a sample of some spaces and
 * compares it with the index.
 */
export async function examineStorages(config: Config, places: readonly Place[], examining: Examining): Promise<void> {
  const { known, linked, tell, signal, onAsked } = examining;
  const toolsOf = new Map(hostsOf(places).map((host) => [host.places[0], createTools(config, host)]));
  const toolsFor = (host: Host<Place>) => toolsOf.get(host.places[0]) as HostTools;
  const suspended = (user: string | null) => known?.spaceOf.get(user ?? '')?.trouble?.kind === 'unauthorized';
  try {
    await askHosts<Place, readonly Finding[]>(places, {
      atOnce: config.crawl.spacesAtOnce,
      signal,
      async ask(place, host) {
        const asked = await examinePlace(place, toolsFor(host), { known, linked }, signal);
        onAsked?.(1);
        return { sign: asked.sign, answer: asked.findings };
      },
      isProven: ({ user }) => (known?.spaceOf.get(user ?? '')?.lastSyncAt ?? null) !== null && !suspended(user),
      tell: (findings) => findings.forEach(tell),
      giveUp(host, unasked, last) {
        onAsked?.(unasked);
        tell(outOfOrder(host, unasked, last));
      },
      spare(host, unasked) {
        onAsked?.(unasked);
        tell(spared(host, unasked));
      },
      end(host) {
        const { skewMs } = toolsFor(host);
        if (skewMs !== null) tell(examineClock(host.origin, skewMs));
      },
    });
  } finally {
    await Promise.all([...toolsOf.values()].map(({ storage }) => storage.close()));
  }
}

function createTools(config: Config, { places }: Host<Place>): HostTools {
  const storage = createStorage(config, Date.now, {
    retries: false,
    onRequest: (_outcome, seconds, askedAt) => {
      if (askedAt !== null) tools.skewMs = askedAt - (Date.now() - seconds * 1_000);
    },
  });
  const sampled = new Set(pick(places, SAMPLED_SPACES));
  const tools: HostTools = { storage, sampled, about: null, skewMs: null, isAdvised: false };
  return tools;
}

async function examinePlace(
  place: Place,
  tools: HostTools,
  { known, linked }: Pick<Examining, 'known' | 'linked'>,
  outer: AbortSignal,
): Promise<{ readonly sign: HostSign; readonly findings: readonly Finding[] }> {
  const store = tools.storage.open(place);
  const subject = place.user ?? place.url;
  const signal = AbortSignal.any([outer, AbortSignal.timeout(SPACE_MS)]);
  let sign: HostSign = 'silent';
  try {
    const root = await store.list(ROOT, signal);
    const trouble = troubleOfRoot(root, place.user === null ? 'discovery' : 'space');
    sign = signOf(trouble);
    if (trouble !== null) return { sign, findings: [troubleFinding(place, trouble, linked.has(place.user ?? ''))] };
    // Asked anew for each sampled space, since a proxy may route paths to different servers.
    if (tools.about === null || tools.sampled.has(place)) tools.about = aboutHost(place, tools, outer);
    const about = await tools.about;
    const { origin } = new URL(place.url);
    const findings = [reachable(subject, root, about)];
    if (!tools.isAdvised && wantsAppPassword(place.auth, root, about)) {
      tools.isAdvised = true;
      findings.push(appPasswords(origin));
    }
    if (place.user === null || known === null || !tools.sampled.has(place)) return { sign, findings };
    const space = known.spaceOf.get(place.user) ?? null;
    return {
      sign,
      findings: [...findings, ...(await sample(store, { user: place.user, space, index: known.index, root }, signal))],
    };
  } catch (error) {
    if (!signal.aborted || outer.aborted) throw error;
    const silence = `no answer within ${SPACE_MS / 1_000} s`;
    return { sign, findings: [problem(subject, silence, adviceOnRoot('timeout', 'space'))] };
  } finally {
    await store.close();
  }
}

/**
 * Several places wait for the same answer, so it has its own time limit; without an answer by then, nothing is known of
 * the host.
 */
async function aboutHost(place: Place, { storage }: HostTools, outer: AbortSignal): Promise<Compliance | null> {
  const within = AbortSignal.timeout(SPACE_MS);
  try {
    return await storage.describe(place, AbortSignal.any([outer, within]));
  } catch (error) {
    if (outer.aborted || !within.aborted) throw error;
    return null;
  }
}

const problem = (subject: string, message: string, action: string): Finding => ({
  area: 'storage',
  subject,
  severity: 'problem',
  message,
  action,
});

function troubleFinding(place: Place, { failure, detail }: RootTrouble, isLinked: boolean): Finding {
  const kind = place.user === null ? 'discovery' : 'space';
  return problem(place.user ?? place.url, detail, adviceOnRoot(failure, kind, place.auth, isLinked));
}

/** One finding for a host that is out of order, in place of one for each of its spaces. */
function outOfOrder({ origin, places }: Host<Place>, unasked: number, last: readonly Finding[]): Finding {
  const { message = '', action = null } = last[0] ?? {};
  const others = unasked === places.length ? counted(unasked, 'space') : `${counted(unasked, 'more space')} not asked`;
  return problem(origin, `out of order (${others}): ${message}`, action ?? adviceOnRoot('unreachable', 'space'));
}

function spared({ origin }: Host<Place>, unasked: number): Finding {
  const why = 'credentials were refused there several times, and a few more refusals may lock this address out';
  const action = 'correct the auth settings of the spaces that were refused, then run this again';
  return problem(origin, `${counted(unasked, 'more space')} not asked: ${why}`, action);
}

function reachable(subject: string, { marker, mayPropagate }: Listing, about: Compliance | null): Finding {
  const kind = marker === null ? 'no marker' : marker.startsWith('etag:') ? 'an ETag' : 'a date';
  const proves = mayPropagate ? ', perhaps for whole subtrees (ownCloud, Nextcloud)' : '';
  const cost = marker === null ? '; every sync lists everything' : '';
  return ok('storage', subject, `answers${selfDescription(about)}; its root has ${kind}${proves}${cost}`);
}

/** Five groups of five characters, as created in Nextcloud's user settings, or 72 characters, as created by its command line. */
const APP_PASSWORD = /^(?:[A-Za-z0-9]{5}(?:-[A-Za-z0-9]{5}){4}|[A-Za-z0-9]{72})$/;
/** Extensions that Nextcloud names in its `DAV` header. */
const NEXTCLOUD_CLASS = /^(?:nc|nextcloud)-/i;

/**
 * Whether to recommend an app password: Nextcloud hashes a user's own password for each request, which costs it 13
 * times as much.
 */
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
    action: 'the user creates one in the settings under Security, an administrator with: occ user:auth-tokens:add USER',
  };
}

function selfDescription(about: Compliance | null): string {
  if (about === null) return '';
  const { server, classes } = about;
  return [server === null ? '' : ` as ${server}`, classes.length === 0 ? '' : `, DAV ${classes.join(', ')}`].join('');
}

function examineClock(origin: string, skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= SKEW_MS) return ok('clock', origin, `its clock and this one differ by ${seconds} s`);
  return {
    area: 'clock',
    subject: origin,
    severity: 'warning',
    message: `its clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this one`,
    action: "use NTP on both; tokens and schedules follow this machine's clock, file dates the storage's",
  };
}
