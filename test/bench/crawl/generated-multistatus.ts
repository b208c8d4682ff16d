/** A space that exists in numbers only: so many collections below the root, so many images in each of them. */
export interface GeneratedSpace {
  /** 0: the root itself holds the images. */
  readonly collections: number;
  readonly images: number;
  /** How far it is in time: the first so many images of each collection are gone, as many have come, and its marker has moved. */
  readonly shift: number;
  /** How long each answer takes to begin, in ms; none if left out. */
  readonly latencyMs?: number;
}

/** So much of a body is made at a time; Apache's pieces are about as large. */
const PIECE_CHARACTERS = 16_384;
/** Long ago, so that every marker is older than the answer's Date. */
const MODIFIED_AT = Date.UTC(2020, 0, 1);
const DAYS_MS = 86_400_000;
/** Any prime that divides no count of members here. */
const STRIDE = 7919;

/** Whether it has a collection at this URL path. */
export function hasCollection({ collections }: GeneratedSpace, path: string): boolean {
  if (path === '/') return true;
  const number = numberOf(path);
  return number !== null && number < collections;
}

/**
 * The multistatus of a collection with Depth 1 (or 0), shaped like Apache's, piece by piece. Members come in an order
 * that has nothing to do with their names, as they do from a file system's hashes. `base` is where the space lies, without
 * a slash at its end.
 */
export function* multistatusOf(space: GeneratedSpace, path: string, depth: string, base = ''): Generator<string> {
  const { collections, images, shift } = space;
  yield '<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">\n';
  yield collectionResponse(base + path, shift);
  if (depth !== '0') {
    if (path === '/') yield* members(collections, (n) => collectionResponse(`${base}/${collectionName(n)}/`, shift));
    if (path !== '/' || collections === 0) {
      yield* members(images, (n) => imageResponse(base + path, n + shift));
    }
  }
  yield '</D:multistatus>\n';
}

function* members(count: number, responseOf: (n: number) => string): Generator<string> {
  let piece = '';
  for (let i = 0; i < count; i++) {
    piece += responseOf((i * STRIDE) % count);
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function collectionResponse(path: string, shift: number): string {
  const modifiedAt = MODIFIED_AT + shift * 1000;
  return `<D:response xmlns:lp1="DAV:" xmlns:lp2="http://apache.org/dav/props/" xmlns:g0="DAV:">
<D:href>${path}</D:href>
<D:propstat>
<D:prop>
<lp1:resourcetype><D:collection/></lp1:resourcetype>
<lp1:getlastmodified>${new Date(modifiedAt).toUTCString()}</lp1:getlastmodified>
<lp1:getetag>"1000-${(modifiedAt * 1000).toString(16)}"</lp1:getetag>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
<D:propstat>
<D:prop>
<g0:getcontentlength/>
</D:prop>
<D:status>HTTP/1.1 404 Not Found</D:status>
</D:propstat>
</D:response>
`;
}

function imageResponse(collection: string, n: number): string {
  const sizeBytes = 1_000_000_000 + n * 512;
  const modifiedAt = MODIFIED_AT - (n % 2_000) * DAYS_MS;
  return `<D:response xmlns:lp1="DAV:" xmlns:lp2="http://apache.org/dav/props/">
<D:href>${collection}Ubuntu_64-bit-vmx${n}.ova</D:href>
<D:propstat>
<D:prop>
<lp1:resourcetype/>
<lp1:getcontentlength>${sizeBytes}</lp1:getcontentlength>
<lp1:getlastmodified>${new Date(modifiedAt).toUTCString()}</lp1:getlastmodified>
<lp1:getetag>"${sizeBytes.toString(16)}-${(modifiedAt * 1000).toString(16)}"</lp1:getetag>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
</D:response>
`;
}

function collectionName(n: number): string {
  return `machines-${n}`;
}

function numberOf(path: string): number | null {
  const digits = /^\/machines-(\d+)\/$/.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}
