import { type ImageResource, isImageName } from '../domain/image.js';
import { failedListing, type ListedCollection, type Listing, type ListingFailure } from '../domain/listing.js';
import { isSettled } from '../domain/markers.js';
import { nameOf, parentOf, type ResourcePath } from '../domain/path.js';
import { createHrefReader } from './href.js';
import { kindOf, markerOf, normaliseEtag, parseModified, parseSize } from './properties.js';
import { isSuccess, type MultistatusResponse } from './response.js';

export interface ListingRequest {
  readonly collection: ResourcePath;
  /** The space's URL path. */
  readonly basePath: string;
  /** Paths that the configuration leaves out. */
  readonly exclude: (path: ResourcePath) => boolean;
}

/** Gathers the responses of one multistatus into a listing with its verdict. */
export interface ListingBuilder {
  add(response: MultistatusResponse): void;
  /** After a whole multistatus; `requests` is how many it took, `askedAt` as in `Answered`. */
  finish(requests: number, askedAt: number | null): Listing;
}

interface Doubt {
  readonly failure: ListingFailure;
  readonly detail: string;
}

/** An href in a message is cut behind this many characters, a line of a log. */
const QUOTED_LENGTH = 200;

/**
 * A listing is complete only if every response lies where Depth 1 puts it and the collection itself is among them, as a
 * collection, with success. A member with an error of its own guards itself; the others are as good as ever.
 */
export function createListingBuilder({ collection, basePath, exclude }: ListingRequest): ListingBuilder {
  const pathOf = createHrefReader(basePath, collection);
  const images: ImageResource[] = [];
  const collections: ListedCollection[] = [];
  const guarded: ResourcePath[] = [];
  let memberCount = 0;
  let marker: string | null = null;
  let modifiedAt: number | null = null;
  let mayPropagate = false;
  let isMount = false;
  let hasSelf = false;
  let doubt: Doubt | null = null;

  const distrust = (failure: ListingFailure, detail: string) => {
    doubt ??= { failure, detail };
  };

  const addSelf = (response: MultistatusResponse) => {
    hasSelf = true;
    const status = errorOf(response);
    const kind = kindOf(response);
    if (status !== null) distrust('no-self', `the collection's own entry has status ${status}`);
    else if (kind === 'unknown') distrust('no-self', "the collection's own entry has no properties");
    else if (kind === 'file') distrust('no-collection', "the collection's own entry is no collection");
    else {
      marker = markerOf(response);
      modifiedAt = parseModified(response.lastModified);
      mayPropagate = response.fileId !== null && response.permissions !== null;
      isMount = isMounted(response);
    }
  };

  const addMember = (response: MultistatusResponse, path: ResourcePath) => {
    memberCount++;
    const kind = errorOf(response) === null ? kindOf(response) : 'unknown';
    if (kind === 'file' && !isImageName(nameOf(path))) return;
    if (exclude(path)) return;
    if (kind === 'file') images.push(imageOf(response, path));
    else if (kind === 'collection') collections.push(collectionOf(response, path));
    else guarded.push(detached(path) as ResourcePath);
  };

  return {
    add(response) {
      if (response.status === 507 || response.failedStatus === 507) {
        distrust('paged', `${quote(response.href)} has status 507: the server left out the rest (RFC 6578 3.6)`);
        return;
      }
      const path = pathOf(response.href);
      if (path === collection) addSelf(response);
      else if (path !== null && parentOf(path) === collection) addMember(response, path);
      else distrust('foreign-href', `${quote(response.href)} is not a direct member of the collection`);
    },
    finish(requests, askedAt) {
      if (!hasSelf) distrust('no-self', 'the collection itself is not among the entries');
      if (doubt !== null) return failedListing(collection, doubt.failure, doubt.detail, requests);
      return {
        collection,
        verdict: { complete: true },
        marker,
        modifiedAt,
        askedAt,
        // An error of a member may end without moving anything that its collection shows of itself.
        isSettled: guarded.length === 0 && isSettled(modifiedAt, askedAt),
        mayPropagate,
        isMount,
        images,
        collections,
        guarded,
        memberCount,
        requests,
      };
    },
  };
}

/** A response's own error: a status of its own, or propstats of which none succeeded. */
function errorOf({ status, failedStatus, propertyCount }: MultistatusResponse): number | null {
  if (status !== null && !isSuccess(status)) return status;
  return propertyCount === 0 ? failedStatus : null;
}

function imageOf(response: MultistatusResponse, path: ResourcePath): ImageResource {
  const modifiedAt = parseModified(response.lastModified);
  const etag = modifiedAt === null ? normaliseEtag(response.etag) : null;
  return {
    path: detached(path) as ResourcePath,
    sizeBytes: parseSize(response.contentLength),
    etag: etag === null ? null : detached(etag),
    modifiedAt,
  };
}

function collectionOf(response: MultistatusResponse, path: ResourcePath): ListedCollection {
  const marker = markerOf(response);
  return {
    path: detached(path) as ResourcePath,
    marker: marker === null ? null : detached(marker),
    isMount: isMounted(response),
  };
}

/** ownCloud's `M`. Everything inside a mount has it, too. */
function isMounted({ permissions }: MultistatusResponse): boolean {
  return permissions?.includes('M') === true;
}

/** A copy: a slice of the body's text would keep the whole chunk in memory that it was cut from. */
function detached(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function quote(href: string): string {
  return JSON.stringify(href.length > QUOTED_LENGTH ? `${href.slice(0, QUOTED_LENGTH)}...` : href);
}
