import { parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import { type Fault, NO_FAULT } from '../../support/dav-server/faults.js';
import { saysMissing } from '../../support/dav-server/missing.js';
import type { DavRequest } from '../../support/dav-server/request.js';
import type { DavAnswered } from '../../support/dav-server/site.js';

/**
 * What an answer is worth. `true`: it says what is. `guarding`: it does, but keeps some members' properties back.
 * `odd`: it does, beside entries that can be no members, so that what it lacks is in doubt. `worthless`: nobody may take anything from it. `lie`: nobody can tell it from the truth. `doubtful`: a client may
 * take it or leave it.
 */
export type Worth = 'true' | 'guarding' | 'odd' | 'worthless' | 'lie' | 'doubtful';

export interface Said extends DavAnswered {
  readonly worth: Worth;
  /** When, by the storage's clock. */
  readonly at: number;
}

/** What the storage said while a sync ran: the only ground that a change of the list may have. */
export interface Witness {
  /** What is said to this request belongs to what is under way now, however late it is said. */
  hear(request: DavRequest): void;
  /** `membersThere`: how many the collection has in truth; `at`: by the storage's clock. */
  note(answered: DavAnswered, membersThere: number, at: number): Said;
  /** Somebody searches the storage; `isRefused`: which refuses the credentials. */
  noteSearch(isRefused: boolean): void;
  /** From now on. */
  begin(): Evidence;
}

export interface Evidence {
  readonly answers: readonly Said[];
  /** Whether the storage was searched. */
  isSearched(): boolean;
  /** Whether a search refused the credentials, which suspends a space if nothing else was asked before. */
  isSearchRefused(): boolean;
  /** Collections whose listing was asked for. */
  listed(): ReadonlySet<string>;
  /** Every answer to a listing of this collection, the last one last. */
  listings(collection: string): readonly Said[];
  /** The last answer, if nobody can doubt it. */
  completeListing(collection: string): Said | null;
  /** Whether it was asked for and every answer is one that nobody may believe. */
  hasFailed(collection: string): boolean;
  /** Those answers that may be believed and in which this is not (or no more) in its collection, or of another kind. */
  denials(path: string, kind: 'image' | 'collection'): readonly Said[];
  /** Whether the collection itself, when asked, was not there or no collection. */
  isDisowned(collection: string): boolean;
  /** Whether it answered as a collection that is there, by whatever spelling. */
  isFound(collection: string): boolean;
}

export function createWitness(): Witness {
  let current: Said[] = [];
  let searches = 0;
  let refusals = 0;
  const heard = new WeakMap<DavRequest, Said[]>();
  return {
    hear: (request) => void heard.set(request, current),
    note(answered, membersThere, at) {
      const said = { ...answered, at, worth: worthOf(answered, membersThere) };
      heard.get(answered.request)?.push(said);
      return said;
    },
    noteSearch(isRefused) {
      searches++;
      if (isRefused) refusals++;
    },
    begin() {
      current = [];
      const before = { searches, refusals };
      return {
        ...examine(current),
        isSearched: () => searches > before.searches,
        isSearchRefused: () => refusals > before.refusals,
      };
    },
  };
}

function examine(answers: readonly Said[]): Omit<Evidence, 'isSearched' | 'isSearchRefused'> {
  const isListing = ({ depth }: Said) => depth === '1';
  const listings = (collection: string) => answers.filter((each) => isListing(each) && each.path === collection);
  return {
    answers,
    listings,
    listed: () => new Set(answers.filter(isListing).map(({ path }) => path)),
    completeListing(collection) {
      const last = listings(collection).at(-1);
      return last !== undefined && last.shown !== null && isBelievable(last) && last.worth !== 'doubtful' ? last : null;
    },
    hasFailed(collection) {
      const all = listings(collection);
      return all.length > 0 && all.every((each) => !isBelievable(each));
    },
    denials: (path, kind) =>
      listings(parentOf(path as ResourcePath)).filter((each) => isBelievable(each) && isDenied(each, path, kind)),
    isDisowned: (collection) =>
      answers.some(
        (said) =>
          said.path === collection &&
          (saysGone(said) || said.fault.self === 'file' || said.shown?.isCollection === false),
      ),
    isFound: (collection) =>
      answers.some(
        ({ path, depth, worth, shown }) =>
          path === collection && depth === '0' && worth !== 'worthless' && shown?.isCollection,
      ),
  };
}

function isDenied({ shown }: Said, path: string, kind: 'image' | 'collection'): boolean {
  if (shown === null) return false;
  if (!shown.members.includes(path as ResourcePath)) return true;
  return kind === 'collection' && shown.files.has(path as ResourcePath);
}

/** Whether a client that takes it may come to another list than the storage's. */
export function isMisleading({ worth }: Said): boolean {
  return worth === 'lie' || worth === 'doubtful' || worth === 'odd';
}

function isBelievable({ worth, shown }: Said): boolean {
  return worth !== 'worthless' && shown !== null;
}

/** Whether it said that nothing is there, in whatever manner that says so. */
export function saysGone({ status, missing }: DavAnswered): boolean {
  return status === 404 || status === 410 || (missing !== null && saysMissing(missing));
}

function worthOf(answered: DavAnswered, membersThere: number): Worth {
  const { fault, status, shown, depth, path } = answered;
  if (shown?.isCollection === false) return 'worthless'; // a file stands in its place now
  // The other spelling's members are no others; whether it may be listed so is the client's business.
  if (shown?.isAlias === true && depth === '1') return 'doubtful';
  if (fault === NO_FAULT) return 'true'; // also a 404 of what isn't there
  if (status !== 207 || shown === null || shown.sent === 'cut' || isFalsified(fault)) return 'worthless';
  if (fault.bare !== undefined && path === '') return 'worthless';
  const { trailing, linkNext, childStatus, pageSize, fitsOnly } = fault;
  const isShort = depth === '1' && shown.members.length !== membersThere;
  if (isShort && fitsOnly !== undefined) return 'worthless';
  // A client may read the other pages, and what ended without its message may have come whole.
  const isPage = shown.hasNextPage || linkNext !== undefined || (pageSize !== undefined && isShort);
  if (isPage || shown.sent !== 'whole' || trailing !== undefined) return 'doubtful';
  if (fault.impossible !== undefined && depth === '1') return 'odd';
  if (isShort) return 'lie';
  if (fault.bare !== undefined) return 'doubtful';
  return childStatus === undefined ? 'true' : 'guarding';
}

/** Whether the document itself says that something is wrong with it. */
function isFalsified({ body, extraResponses, trailing = '', self }: Fault): boolean {
  if (body !== undefined || extraResponses !== undefined || trailing.trim() !== '') return true;
  return self !== undefined && self !== 'twice';
}
