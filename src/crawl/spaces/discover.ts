import { nameOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { DiscoverySettings, SpaceSettings } from '../../domain/model/space.js';
import { type CredentialsOfUser, discoveredSpace } from '../../domain/policy/discovered-space.js';
import type { RemoteStore } from '../../domain/ports/remote-store.js';
import { removalLimit } from '../../domain/reconcile/removal-guard.js';
import { settleNames, type UnlistedName } from '../../domain/reconcile/respelling.js';
import { agreeing, counted } from '../../domain/text/counted.js';
import { quote } from '../../domain/text/quote.js';
import { isUserName } from '../../domain/text/user-name.js';
import { withoutCredentials } from './without-credentials.js';

/** The result of a discovery. */
export interface Discovered {
  readonly spaces: readonly SpaceSettings[];
  /** Why its collection could not be listed, so that only the known spaces remain; null if it was. */
  readonly trouble: string | null;
  /** Messages about what needs attention. */
  readonly warnings: readonly string[];
  /** Known users who were proven gone, whether that is believed or not. */
  readonly gone: readonly string[];
}

/** Number of names that show what kind of entries they are. */
const NAMED = 5;

/**
 * Finds the spaces directly below a discovery's collection. A space that is no longer listed is kept unless the listing
 * is complete and the space itself answers that it is gone. If more would go than is believable, all are kept until the
 * next discovery agrees; an empty collection is never believed.
 */
export async function discoverSpaces(
  discovery: DiscoverySettings,
  options: {
    readonly store: RemoteStore;
    readonly urlOf: (user: string) => string;
    /** Users whose spaces are known here, the oldest first. */
    readonly known: readonly string[];
    /** Users who were gone the last time. */
    readonly goneBefore: ReadonlySet<string>;
    readonly isExcluded: (path: ResourcePath) => boolean;
    readonly credentialsOf: CredentialsOfUser;
    readonly signal: AbortSignal;
  },
): Promise<Discovered> {
  const { store, signal } = options;
  const known = options.known.filter((user) => !options.isExcluded(user as ResourcePath));
  const lacking = withoutCredentials();
  const spacesOf = async (users: readonly string[]): Promise<readonly SpaceSettings[]> => {
    const spaces: SpaceSettings[] = [];
    for (const user of users) {
      const auth = await options.credentialsOf(user);
      if ('problem' in auth) lacking.note(user, auth.problem);
      else spaces.push(discoveredSpace(discovery, { user, url: options.urlOf(user), auth }));
    }
    return spaces;
  };

  const listing = await store.list(ROOT, signal);
  const { verdict } = listing;
  if (!verdict.complete) {
    return { spaces: await spacesOf(known), trouble: verdict.detail, warnings: lacking.warnings(), gone: [] };
  }
  const isMeant = (name: string) => isUserName(name) && !options.isExcluded(name as ResourcePath);
  const named = listing.collections.map(({ path }) => nameOf(path)).filter(isMeant);
  const listed = await withSpace(named, discovery, { store, known: new Set(known), signal });
  const isListed = new Set(listed);
  // Of an entry with an error, only its existence is known.
  const inError = new Set(listing.guarded.map(({ path }) => nameOf(path)));
  const unlisted: UnlistedName[] = [];
  const gone: string[] = [];
  const missing = known.filter((name) => !isListed.has(name));
  for (let at = 0; at < missing.length; at += PROBED_AT_ONCE) {
    const some = missing.slice(at, at + PROBED_AT_ONCE);
    const presences = await Promise.all(
      some.map(async (name) =>
        inError.has(name) ? 'unknown' : (await store.probe(name as ResourcePath, signal)).presence,
      ),
    );
    for (const [n, name] of some.entries()) {
      if (presences[n] === 'absent') gone.push(name);
      else unlisted.push({ name, isPresent: presences[n] === 'present' });
    }
  }
  const warnings: string[] = [];
  const news = gone.filter((name) => !options.goneBefore.has(name)).length;
  if (gone.length > 0 && (listed.length === 0 || news > removalLimit(known.length))) {
    const until = listed.length === 0 ? 'nothing is listed there' : 'until the next discovery agrees';
    warnings.push(
      `${gone.length} of its ${counted(known.length, 'user')} ${agreeing(gone.length, 'is', 'are')} gone at once; all are kept: ${until}`,
    );
    unlisted.push(...gone.map((name) => ({ name, isPresent: false })));
  }
  warnings.push(...listing.misfits);
  const strangers = [...inError].filter((name) => !known.includes(name) && !isListed.has(name));
  if (strangers.length > 0) {
    const names = strangers.slice(0, NAMED).map(quote).join(', ');
    warnings.push(
      `${strangers.length} of its entries have an error of their own and are not taken for users until it is gone: ${names}`,
    );
  }
  const { names, respelled } = settleNames(listed, unlisted, known);
  for (const { known: user, listed: now } of respelled) {
    const folder = `the folder of ${quote(user)} is now listed as ${quote(now)}, but not gone under its old name`;
    warnings.push(`${folder}: the user remains ${quote(user)}`);
  }
  const spaces = await spacesOf(names);
  return { spaces, trouble: null, warnings: [...warnings, ...lacking.warnings()], gone };
}

/**
 * Probes in flight at once. Each new child takes one, at its first discovery, and each known user who is listed no longer:
 * thousands if an answer was cut short.
 */
const PROBED_AT_ONCE = 8;

/**
 * Leaves out children that are no users: if spaces lie further below, a new child without that folder has none, such as
 * what a server keeps beside its users' folders. Where that can't be told, the child stays.
 */
async function withSpace(
  names: readonly string[],
  { below = '' }: DiscoverySettings,
  {
    store,
    known,
    signal,
  }: { readonly store: RemoteStore; readonly known: ReadonlySet<string>; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  if (below === '') return names;
  const absent = new Set<string>();
  const fresh = names.filter((name) => !known.has(name));
  for (let at = 0; at < fresh.length; at += PROBED_AT_ONCE) {
    await Promise.all(
      fresh.slice(at, at + PROBED_AT_ONCE).map(async (name) => {
        const path = `${name}/${below.replace(/\/$/, '')}` as ResourcePath;
        if ((await store.probe(path, signal)).presence === 'absent') absent.add(name);
      }),
    );
  }
  return names.filter((name) => !absent.has(name));
}
