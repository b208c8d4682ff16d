import type { Credentials } from '../../src/domain/model/space.js';
import type { Fault } from '../support/dav-server/faults.js';
import type { DavRequest } from '../support/dav-server/request.js';
import type { SearchFault } from '../support/dav-server/search.js';
import { createDavSite, type DavAnswered, type DavSite } from '../support/dav-server/site.js';
import { spellingKey } from '../support/dav-server/spelling.js';
import type { DavNode } from '../support/dav-server/tree.js';
import { createCoincidences, markersLie, readMarkers } from './check/honesty.js';
import type { Worth } from './check/witness.js';
import { imagesAway, isImage } from './disks.js';
import type { Change, Manner, PlannedFault, ServerPlan } from './history.js';
import { createPerformer } from './perform.js';
import { createSketch } from './sketch.js';

/** An image as the storage has it. */
export interface StoredImage {
  /** null where this server tells no size. */
  readonly sizeBytes: number | null;
  /** No other file has the same. */
  readonly content: string;
}

/** The storage of a history and all that is true of it. */
export interface Storage {
  readonly site: DavSite;
  /** Counts what could change a list: files, and what is left out. */
  readonly version: number;
  /** What a full listing that meets no fault would show. */
  images(): ReadonlyMap<string, StoredImage>;
  /** On a disk that is away: the storage still has it, and can't show it. */
  isAway(path: string): boolean;
  /** Every disk comes back, but for those that never do: what was on them is gone. */
  endAbsences(): void;
  /** A collection that is there and has no member of any kind. */
  isEmpty(collection: string): boolean;
  has(path: string): boolean;
  /** What all spellings of a path have in common that are one to it. */
  spellingKey(path: string): string;
  /** The version since which this image has been there without a gap; undefined where it isn't. */
  presentSince(path: string): number | undefined;
  /** Every size that an image of this path was ever shown with. */
  sizesEver(path: string): ReadonlySet<number | null>;
  /** Unlike the storage's own, these are the paths that the configuration leaves out. */
  isExcluded(path: string): boolean;
  exclude(names: readonly string[]): void;
  /** Stands for what is excluded. */
  rules(): string;
  /** Does those of the changes that are possible. */
  apply(changes: readonly Change[], manner: Manner): void;
  arm(path: string, fault: PlannedFault): void;
  setSearch(fault: SearchFault): void;
  /** Notes that it was searched, which may have misled whoever relies on it; returns what went wrong. */
  noteSearch(): SearchFault;
  /** Whether markers that stood still mean that the names below them do; see `honesty.ts`. */
  readonly isHonest: boolean;
  /** What an answer was worth: whoever noted the marker of a listing that lied is misled. */
  note(worth: Worth): void;
  /** When a collection was listed last, by the storage's clock. */
  noteListed(collection: string): void;
  /** From now on the same tree, or another one, is served below this path. */
  moveTo(basePath: string, other: readonly Change[] | null): void;
  /** A full sync has seen everything as it is. */
  trust(): void;
}

export interface StorageOptions {
  readonly plan: ServerPlan;
  readonly maxDepth: number;
  /** The server's clock. */
  readonly clock: () => number;
  readonly random: () => number;
  readonly onRequest: (request: DavRequest) => Promise<void>;
  readonly onAnswer: (answered: DavAnswered) => void;
}

export const ACCOUNT = { username: 'jm', password: 'secret-1' };

export function credentialsOf({ auth }: ServerPlan): Credentials {
  return auth === 'none' ? { type: 'none' } : { type: auth, ...ACCOUNT };
}

export function createStorage(options: StorageOptions): Storage {
  const { plan, clock, maxDepth } = options;
  const hasAuth = plan.auth !== 'none';
  const site = createDavSite({
    basePath: plan.basePath,
    markers: plan.markers,
    areMountsStill: plan.areMountsStill,
    hrefs: plan.hrefs,
    properties: plan.properties,
    hasSearch: plan.hasSearch === true,
    hasOwncloudProperties: plan.markers === 'nextcloud' || plan.isOwncloudInName,
    scheme: plan.auth === 'digest' ? 'digest' : 'basic',
    nonceLife: plan.nonceLife,
    ...(hasAuth ? { auth: ACCOUNT } : {}),
    now: clock,
    date: clock,
    missing: plan.missing,
    spelling: plan.spelling,
    isSpellingItsOwn: plan.isSpellingItsOwn,
    random: options.random,
    onRequest: options.onRequest,
    onAnswer: options.onAnswer,
  });
  const { tree } = site;
  const tellsSizes = plan.properties === 'mixed' || (plan.properties.size ?? 'plain') === 'plain';
  // What never moves proves nothing, so whoever learns relies on nothing; a pretender may be believed, but only after a coincidence.
  const isStill = plan.markers === 'still';
  const coincidences = createCoincidences();
  /** Some answers kept names back, so that their collection's marker moved without them. */
  let mayBeMisjudged = false;
  const sketch = createSketch(plan.spelling);
  const listedAt = new Map<string, number>();
  const goneForGood = new Set<string>();
  let away: ReadonlySet<string> = new Set();
  const ever = new Map<string, Set<number | null>>();
  let present = new Map<string, number>();
  let excluded: ReadonlySet<string> = new Set();
  let version = 0;
  let hasLied = false;
  let searchFault: SearchFault = {};
  let shown: { version: number; images: Map<string, StoredImage> } | null = null;

  const isExcluded = (path: string) => excluded.size > 0 && path.split('/').some((name) => excluded.has(name));

  const walk = function* (node: DavNode, prefix: string, depth: number): Generator<[string, DavNode]> {
    for (const child of node.children?.values() ?? []) {
      const path = `${prefix}${child.name}`;
      yield [path, child];
      if (depth < maxDepth) yield* walk(child, `${path}/`, depth + 1);
    }
  };
  const stored = ({ sizeBytes, content }: DavNode): StoredImage => ({
    sizeBytes: tellsSizes ? sizeBytes : null,
    content: `${content}`,
  });
  const reachable = () =>
    new Map(
      [...walk(tree.root, '', 0)]
        .filter(([path, node]) => isImage(path, node))
        .map(([path, node]) => [path, stored(node)]),
    );

  /** Notes what is there now. */
  const look = () => {
    version++;
    coincidences.look(tree, (path, node) => isImage(path, node) && !isExcluded(path));
    const since = new Map<string, number>();
    const hidden = imagesAway(site, sketch.detached, goneForGood);
    away = new Set(hidden.keys());
    for (const [path, { sizeBytes }] of [
      ...[...hidden].map(([p, node]) => [p, stored(node)] as const),
      ...reachable(),
    ]) {
      since.set(path, present.get(path) ?? version);
      const sizes = ever.get(path) ?? new Set();
      ever.set(path, sizes.add(sizeBytes));
    }
    present = since;
  };

  const performAll = createPerformer(tree, sketch, { goneForGood, listedAt });
  /** Mounts further down than in the root. */
  const deepMounts = () => new Set(tree.collections().filter((path) => path.includes('/') && tree.find(path)?.isMount));

  /** As `touch -d` would, once all is done. */
  const restoring = (work: () => void) => {
    const before = ['', ...tree.collections()].map((path) => [path, tree.marker(path)] as const);
    work();
    for (const [path, marker] of before) if (tree.find(path)?.children) tree.setMarker(path, marker);
  };

  look();
  return {
    site,
    get version() {
      return version;
    },
    images() {
      if (shown?.version !== version) {
        shown = { version, images: new Map([...reachable()].filter(([path]) => !isExcluded(path))) };
      }
      return shown.images;
    },
    isEmpty: (collection) => tree.find(collection)?.children?.size === 0,
    isAway: (path) => away.has(path),
    endAbsences() {
      const disks = [...sketch.detached];
      performAll(disks.filter((path) => !goneForGood.has(path)).map((path) => ({ kind: 'attach', path })));
      look();
    },
    noteListed: (collection) => void listedAt.set(collection, clock()),
    moveTo(basePath, other) {
      site.setBasePath(basePath);
      if (other === null) return;
      performAll([...sketch.detached].map((path) => ({ kind: 'attach', path })));
      const members = sketch.namesIn('');
      performAll([...members.map((path) => ({ kind: 'remove' as const, path })), ...other]);
      look();
      hasLied = true;
    },
    spellingKey: (path) => spellingKey(Buffer.from(path).toString('latin1'), plan.spelling),
    has: (path) => tree.find(path) !== undefined,
    presentSince: (path) => (isExcluded(path) ? undefined : present.get(path)),
    sizesEver: (path) => ever.get(path) ?? new Set(),
    isExcluded,
    rules: () => JSON.stringify([...excluded]),
    exclude(names) {
      excluded = new Set(names);
      look();
    },
    apply(changes, manner) {
      const before = readMarkers(site, plan.markers);
      const mountsBefore = deepMounts();
      if (manner === 'restored') restoring(() => performAll(changes));
      else if (manner === 'quietly') tree.quietly(() => performAll(changes));
      else performAll(changes);
      look();
      const doLie = markersLie(before, readMarkers(site, plan.markers), clock());
      // Where no image differs, a search leads to the root alone: a mount further down is found by a full sync.
      const isMountHidden = plan.hasSearch === true && [...deepMounts()].some((path) => !mountsBefore.has(path));
      hasLied ||= doLie || isMountHidden;
      mayBeMisjudged ||= doLie;
    },
    arm(path, { retryAfterMs, isRetryAfterDate, ...fault }) {
      const retryAfter = retryAfterMs === undefined ? {} : { retryAfter: retryAfterOf(retryAfterMs, isRetryAfterDate) };
      site.fault(path, { ...(fault as Fault), ...retryAfter });
    },
    setSearch(fault) {
      searchFault = fault;
      site.setSearch(fault);
    },
    noteSearch() {
      const { cutAt, isStale, forget } = searchFault;
      // What it hides may be found by a full sync only.
      hasLied ||= cutAt !== undefined || isStale === true || forget !== undefined;
      return searchFault;
    },
    get isHonest() {
      if (isStill) return true;
      const mayBeBelieved = mayBeMisjudged || coincidences.haveHappened;
      return !hasLied && !(plan.isOwncloudInName && mayBeBelieved);
    },
    note(worth) {
      hasLied ||= worth === 'lie';
      mayBeMisjudged ||= worth !== 'true' && worth !== 'worthless';
    },
    trust() {
      hasLied = false;
    },
  };

  function retryAfterOf(ms: number, isDate = false): number | Date {
    return isDate ? new Date(clock() + ms) : Math.ceil(ms / 1_000);
  }
}
