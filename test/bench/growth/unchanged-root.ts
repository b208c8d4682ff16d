/** The ETag of a space's root without its quotes, as the storage tells it and the index knows it. */
export function rootEtag(user: string): string {
  return `${user}-1`;
}

/** Long ago: the marker has settled. */
const MODIFIED = new Date(Date.UTC(2020, 0, 1)).toUTCString();

/** What a Nextcloud says of a root by itself: its marker moves with everything below it. */
export function rootMultistatus(path: string, etag: string): string {
  return `<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:response><d:href>${path}</d:href><d:propstat><d:prop>
<d:resourcetype><d:collection/></d:resourcetype><d:getlastmodified>${MODIFIED}</d:getlastmodified><d:getetag>"${etag}"</d:getetag>
<oc:fileid>7</oc:fileid><oc:permissions>RGDNVCK</oc:permissions>
</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>`;
}
