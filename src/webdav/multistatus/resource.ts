import type { ImageResource } from '../../domain/model/image.js';
import type { SeenFile } from '../../domain/model/listing.js';
import type { ResourcePath } from '../../domain/model/path.js';
import { normaliseEtag, parseModified, parseSize } from './properties.js';
import { isSuccess, type MultistatusResponse } from './response.js';
import { detached } from './xml-text.js';

/** An href in a message is cut after this many characters, a line of a log. */
const QUOTED_LENGTH = 200;

/** Returns a response's error: its own status, or that of its propstats if none succeeded. */
export function errorOf({ status, failedStatus, propertyCount }: MultistatusResponse): number | null {
  if (status !== null && !isSuccess(status)) return status;
  return propertyCount === 0 ? failedStatus : null;
}

/** Returns the image that a response shows. */
export function imageOf(response: MultistatusResponse, path: ResourcePath): ImageResource {
  const modifiedAt = parseModified(response.lastModified);
  const etag = modifiedAt === null ? normaliseEtag(response.etag) : null;
  return {
    path: detached(path) as ResourcePath,
    sizeBytes: parseSize(response.contentLength),
    etag: etag === null ? null : detached(etag),
    modifiedAt,
  };
}

/** Returns a file as a later listing is compared with it. */
export function seenFileOf(response: MultistatusResponse): SeenFile {
  const etag = normaliseEtag(response.etag);
  return {
    sizeBytes: parseSize(response.contentLength),
    modifiedAt: parseModified(response.lastModified),
    etag: etag === null ? null : detached(etag),
  };
}

/** Quotes an href in a message. */
export function quoteHref(href: string): string {
  return JSON.stringify(href.length > QUOTED_LENGTH ? `${href.slice(0, QUOTED_LENGTH)}...` : href);
}
