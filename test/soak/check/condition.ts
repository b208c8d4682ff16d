import { stateOf } from '../../../src/domain/model/space.js';
import type { World } from '../world.js';
import { isGoneByAll } from './list.js';
import { isWithin, parent, type Segment } from './segment.js';
import { demand, quoted } from './violation.js';
import type { Said } from './witness.js';

/** What the end of a run says of its space. */
export function checkCondition(segment: Segment, { isUrlNew }: Pick<World, 'isUrlNew'>): void {
  if (segment.ending !== 'ran') return;
  isFreshOnlyIfWhole(segment);
  namesOwnErrors(segment);
  isSuspendedOnlyByAll(segment);
  failsOnlyAsAWhole(segment);
  if (isUrlNew) return;
  holdsWhatIsAway(segment);
}

/** As at the very end of the sync; the interval is longer than any history. */
function isFresh({ after }: Segment): boolean {
  return stateOf(after.space, after.space.lastSyncAt ?? 0, Number.MAX_SAFE_INTEGER) === 'fresh';
}

function isFreshOnlyIfWhole(segment: Segment): void {
  const { sync, claimed, evidence, storage, after, memory } = segment;
  if (sync.status !== 'PROCESSED' || claimed.sync.mode === 'hint' || !isFresh(segment)) return;
  const listed = evidence.listed();
  const left = [...memory.unlisted].filter((path) => {
    // The root's own marker proves as much as its listing.
    return path !== '' && storage.has(path) && !storage.isExcluded(path) && !listed.has(path) && after.known.has(path);
  });
  const unlistable = [...listed].filter((path) => evidence.hasFailed(path) && !isGoneByAll(segment, path));
  const failed = [...unlistable, ...left];
  demand(failed.length === 0, 'a space is fresh only if it was listed whole', () => {
    return `it is fresh, and ${quoted(failed)} could not be listed`;
  });
  const erring = ownErrors(segment);
  demand(erring.length === 0, 'a space is fresh only if it was listed whole', () => {
    return `it is fresh, and ${quoted(erring)} was shown with an error of its own`;
  });
  const root = evidence.listings('').at(-1);
  demand(root?.fault.bare === undefined, 'rule 7 (the root)', () => 'it is fresh, and its root told nothing of itself');
}

/** Images and collections that the last, complete listing of their collection showed with an error of their own. */
function ownErrors({ evidence, storage }: Segment): string[] {
  const erring: string[] = [];
  for (const collection of evidence.listed()) {
    const listing = evidence.completeListing(collection);
    const members: readonly string[] = listing?.shown?.members ?? [];
    for (const [name, status] of Object.entries(listing?.fault.childStatus ?? {})) {
      const path = collection === '' ? name : `${collection}/${name}`;
      const isThere = members.includes(path);
      const isWanted = storage.images().has(path) || storage.site.tree.find(path)?.children;
      // 404: it went between two looks of the server.
      if (isThere && isWanted && status !== 404 && !storage.isExcluded(path)) erring.push(path);
    }
  }
  return erring;
}

/** So many warnings are told one by one. */
const FEW = 40;

function namesOwnErrors(segment: Segment): void {
  const { sync, claimed } = segment;
  if (sync.status !== 'PROCESSED' || claimed.isResumed) return;
  const erring = ownErrors(segment);
  demand(erring.length === 0 || sync.counts.failures > 0, 'failures are counted', () => {
    return `${quoted(erring)} was shown with an error of its own, and the sync counts no failure`;
  });
  const untold = erring.filter((path) => !sync.warnings.some((warning) => warning.includes(nameIn(path))));
  demand(untold.length === 0 || sync.warnings.length > FEW, 'failures are told', () => {
    return `no warning names ${quoted(untold)}, which was shown with an error of its own`;
  });
}

/** Where the root takes the credentials, a refusal is a folder's own. */
function isSuspendedOnlyByAll({ before, after, evidence }: Segment): void {
  const isSuspended = (trouble: typeof after.space.trouble) => trouble?.kind === 'unauthorized';
  if (!isSuspended(after.space.trouble) || isSuspended(before.space.trouble)) return;
  const { answers } = evidence;
  const first = answers.findIndex(({ status }) => status === 401);
  const folders = new Set<string>(answers.filter(({ status }) => status === 401).map(({ path }) => path));
  if (first < 0 || folders.has('') || folders.size > 3) return;
  const wasGood = answers.slice(0, first).some(({ path, status }) => path === '' && status === 207);
  demand(!wasGood, 'rule 401 (a folder of its own)', () => {
    return `the space is suspended though only ${quoted(folders)} refused the credentials, and the root took them`;
  });
}

/** What is wrong with a single folder is no reason to give up the others. */
function failsOnlyAsAWhole({ sync, claimed, evidence, isUndisturbed, before }: Segment): void {
  if (sync.status !== 'ERROR' || claimed.sync.mode === 'hint' || claimed.isResumed || !isUndisturbed) return;
  // A root that may go on elsewhere is not believed either.
  const isBad = ({ worth, path }: Said) => worth === 'worthless' || (worth === 'doubtful' && path === '');
  const bad = new Set<string>(evidence.answers.filter(isBad).map(({ path }) => path));
  // Of one that was asked for nothing else nobody knows whose fault it is.
  const isAnswering = evidence.answers.some(({ worth }) => worth !== 'worthless');
  const isOwn = isAnswering && bad.size === 1 && !bad.has('') && before.space.trouble?.kind !== 'unauthorized';
  demand(
    !isOwn,
    '9 (trouble stays its own)',
    () => `nothing but ${quoted(bad)} went wrong, and the sync failed: ${sync.errors[0]}`,
  );
}

/** While images stand in the list whose disk is away, and this sync saw that it is, the state says so. */
function holdsWhatIsAway(segment: Segment): void {
  const { sync, claimed, storage, after, evidence } = segment;
  if (sync.status !== 'PROCESSED' || claimed.sync.mode === 'hint' || !isFresh(segment)) return;
  const away = [...after.images.keys()].filter((path) => {
    if (!storage.isAway(path)) return false;
    return [...evidence.listed()].some(
      (each) => isWithin(parent(path), each) && evidence.denials(path, 'image').length > 0,
    );
  });
  demand(away.length === 0, 'a space is fresh only if it was listed whole', () => {
    return `it is fresh, and the storage did not show ${quoted(away)}`;
  });
}

/** Awkward names are quoted in some manner. */
function nameIn(path: string): string {
  return /[\w. -]+/.exec(path.slice(path.lastIndexOf('/') + 1))?.[0] ?? '';
}
