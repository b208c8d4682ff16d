import { type ImageResource, isDescriptorName, isImageName } from '../domain/model/image.js';
import {
  failedListing,
  type GuardedMember,
  type ListedCollection,
  type Listing,
  type ListingFailure,
  type SeenFile,
} from '../domain/model/listing.js';
import { isSettled } from '../domain/model/markers.js';
import { isWithin, type ResourcePath, ROOT } from '../domain/model/path.js';
import { createFilesBeside } from './files-beside.js';
import { createHrefReader, createPlainNameReader } from './multistatus/href.js';
import { kindOf, markerOf, parseModified } from './multistatus/properties.js';
import { errorOf, imageOf, quoteHref, seenFileOf } from './multistatus/resource.js';
import type { MultistatusResponse } from './multistatus/response.js';
import { detached } from './multistatus/xml-text.js';

export interface ListingRequest {
  readonly collection: ResourcePath;
  /** The URL path of the space. */
  readonly basePath: string;
  /** Whether the configuration excludes a path. */
  readonly exclude: (path: ResourcePath) => boolean;
  /** Whether to fill `Listing.files`; no crawl needs it. */
  readonly keepsFiles?: boolean | undefined;
}

/** Gathers the responses of one multistatus into a listing with its verdict. */
export interface ListingBuilder {
  add(response: MultistatusResponse): void;
  /** Completes the listing after a whole multistatus; `requests` is how many it took, `askedAt` as in `Answered`. */
  finish(requests: number, askedAt: number | null): Listing;
}

/** A collection of which only the whole answer tells whether it is joined to the one that contains it. */
type ShownCollection = ListedCollection & { isJoined?: boolean };

interface Doubt {
  readonly failure: ListingFailure;
  readonly detail: string;
}

/** How many misfits of a collection are reported one by one; a server that answers as for Depth infinity has one for each file. */
const MISFITS_TOLD = 5;
/** Statuses of the collection itself that mean it is gone. */
const GONE = new Set([404, 410]);

/**
 * A listing is complete only if no response lies outside the space and the collection itself is included successfully,
 * as a collection. A member with an error of its own only protects itself, and an entry that can't be a member only
 * spoils itself; the others count as usual.
 */
export function createListingBuilder({ collection, basePath, exclude, keepsFiles }: ListingRequest): ListingBuilder {
  const pathOf = createHrefReader(basePath, collection);
  const plainNameOf = createPlainNameReader(basePath, collection);
  const images: ImageResource[] = [];
  const collections: ShownCollection[] = [];
  /** Those that lie in a share or a team folder. */
  const joined: ShownCollection[] = [];
  const guarded: GuardedMember[] = [];
  const beside = createFilesBeside();
  const files = keepsFiles === true ? new Map<ResourcePath, SeenFile>() : null;
  let hasDescriptor = false;
  const misfits: string[] = [];
  let misfitCount = 0;
  let memberCount = 0;
  let marker: string | null = null;
  let modifiedAt: number | null = null;
  let mayPropagate = false;
  let isMount = false;
  let isInJoined = false;
  let fingerprint: string | null = null;
  let fileId: string | null = null;
  let hasSelf = false;
  /** The collection's own entry ends with two slashes, so another one that does tells nothing. */
  let isSelfDoubled = false;
  /** The problem of an invalid entry of the collection itself that came before a valid one. */
  let badSelf: Doubt | null = null;
  let doubt: Doubt | null = null;

  const prefix = collection === ROOT ? '' : `${collection}/`;
  // Twice as fast as `startsWith`.
  const isMember = (path: ResourcePath) =>
    path.lastIndexOf('/') + 1 === prefix.length && path.slice(0, prefix.length) === prefix;

  const distrust = (failure: ListingFailure, detail: string) => {
    doubt ??= { failure, detail };
  };

  const misfit = (href: string, reason: string) => {
    misfitCount++;
    memberCount++;
    if (misfits.length < MISFITS_TOLD) misfits.push(`${quoteHref(href)} is listed but can't be a member: ${reason}`);
  };

  /**
   * Adds an entry of the collection itself. sabre/dav shows a member whose name is not UTF-8 like this, for a folder
   * with one slash too many, as opposed to a server that ends all collections so and shows this one twice.
   */
  const addSelf = (response: MultistatusResponse) => {
    const status = errorOf(response);
    const kind = kindOf(response);
    if (status === null && kind === 'collection') {
      if (hasSelf) {
        if (!isSelfDoubled && response.href.endsWith('//')) misfit(response.href, NAMELESS);
        return;
      }
      hasSelf = true;
      isSelfDoubled = response.href.endsWith('//');
      marker = markerOf(response);
      modifiedAt = parseModified(response.lastModified);
      mayPropagate = response.fileId !== null && response.permissions !== null;
      isMount = isMounted(response);
      isInJoined = isJoined(response);
      fingerprint = response.fingerprint;
      if (collection === ROOT && response.fileId !== null) fileId = detached(response.fileId);
      return;
    }
    if (hasSelf || badSelf !== null) misfit(response.href, NAMELESS);
    else badSelf = whyBad(status, kind);
  };

  const addMember = (response: MultistatusResponse, name: string) => {
    memberCount++;
    const status = errorOf(response);
    const kind = status === null ? kindOf(response) : 'unknown';
    const isBeside = kind === 'file' && !isImageName(name);
    if (isBeside && files === null) return beside.add(response, name);
    const path = `${prefix}${name}` as ResourcePath;
    if (files !== null && kind === 'file') files.set(detached(path) as ResourcePath, seenFileOf(response));
    if (isBeside) return beside.add(response, name);
    if (exclude(path)) {
      if (kind === 'file') beside.add(response, name);
      return;
    }
    if (kind === 'collection') {
      const shown = collectionOf(response, path);
      collections.push(shown);
      if (isJoined(response)) joined.push(shown);
      return;
    }
    hasDescriptor ||= isDescriptorName(name);
    if (kind === 'file') images.push(imageOf(response, path));
    else guarded.push({ path: detached(path) as ResourcePath, status });
  };

  return {
    add(response) {
      if (response.status === 507 || response.failedStatus === 507) {
        distrust('paged', `${quoteHref(response.href)} has status 507: the server left out the rest (RFC 6578 3.6)`);
        return;
      }
      const name = plainNameOf(response.href);
      if (name !== null) return addMember(response, name);
      const path = pathOf(response.href);
      if (typeof path === 'object') {
        if (path.isOutside) distrust('foreign-href', `${quoteHref(response.href)} is not a member: ${path.reason}`);
        else misfit(response.href, path.reason);
      } else if (path === collection) addSelf(response);
      else if (isMember(path)) addMember(response, path.slice(prefix.length));
      else if (isWithin(path, collection)) misfit(response.href, 'it lies deeper, unless its name has a slash');
      else distrust('foreign-href', `${quoteHref(response.href)} is not a member: it lies elsewhere in the space`);
    },
    finish(requests, askedAt) {
      if (hasSelf && badSelf !== null) misfit(basePath, NAMELESS);
      else if (badSelf?.failure === 'not-found' && memberCount > 0) distrust('no-self', badSelf.detail);
      else if (badSelf !== null) distrust(badSelf.failure, badSelf.detail);
      else if (!hasSelf) distrust('no-self', 'the collection itself is not among the entries');
      if (doubt !== null) return failedListing(collection, doubt.failure, doubt.detail, requests);
      // Everything inside of a share or a team folder says the same of itself.
      if (!isInJoined) for (const shown of joined) shown.isJoined = true;
      const { siblings, mayGrow } = hasDescriptor ? beside.finish(images, guarded, askedAt) : NOTHING_BESIDE;
      const listing: Listing = {
        collection,
        verdict: { complete: true },
        marker,
        modifiedAt,
        askedAt: askedAt === null ? null : Math.floor(askedAt),
        // A member's error may end without changing anything that its collection shows about itself.
        isSettled: guarded.length + misfitCount === 0 && !mayGrow && isSettled(modifiedAt, askedAt),
        mayPropagate,
        isMount,
        fingerprint,
        fileId,
        images,
        collections,
        siblings,
        guarded,
        misfits:
          misfitCount > misfits.length
            ? [...misfits, `and ${misfitCount - misfits.length} more of that kind`]
            : misfits,
        memberCount,
        requests,
      };
      return files === null ? listing : { ...listing, files };
    },
  };
}

const NOTHING_BESIDE = { siblings: null, mayGrow: false };

const NAMELESS = 'it is the collection itself again, so its real name may not be UTF-8';

/** Explains why an entry of the collection itself does not confirm it. */
function whyBad(status: number | null, kind: ReturnType<typeof kindOf>): Doubt {
  if (status !== null) {
    const failure = GONE.has(status) ? 'not-found' : 'no-self';
    return { failure, detail: `the collection's own entry has status ${status}` };
  }
  if (kind === 'file') return { failure: 'no-collection', detail: "the collection's own entry is not a collection" };
  return { failure: 'no-self', detail: "the collection's own entry has no properties" };
}

function collectionOf(response: MultistatusResponse, path: ResourcePath): ShownCollection {
  const marker = markerOf(response);
  return {
    path: detached(path) as ResourcePath,
    marker: marker === null ? null : detached(marker),
    isMount: isMounted(response),
  };
}

/**
 * Whether it belongs to a mount whose changes move no marker outside. Nextcloud says of what kind a mount is: changes in
 * team folders (`group`) and shares (`shared`) move the markers above them, those of external storage (`external`,
 * `external-session`) happen behind its back. Elsewhere ownCloud's permissions contain `M`. Everything inside of a mount
 * has the same.
 */
function isMounted({ permissions, mountType }: MultistatusResponse): boolean {
  if (mountType !== null) return mountType.startsWith('external');
  return permissions?.includes('M') === true;
}

/**
 * Whether it lies in what others share with the user (`shared`; `S` in the permissions) or in a team folder (`group`).
 * With `M` beside the `S`, what is shared is external storage, which may be gone because its disk is.
 */
function isJoined({ permissions, mountType }: MultistatusResponse): boolean {
  if (mountType === 'group') return true;
  const isShared = mountType === 'shared' || (mountType === null && permissions?.includes('S') === true);
  return isShared && permissions?.includes('M') !== true;
}
