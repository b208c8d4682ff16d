/** Entries that can be no member of the collection that shows them, as seen on real servers. */
export const IMPOSSIBLE_ENTRIES = [
  'dot', // the collection as `.` (iterate-ch/cyberduck#14393)
  'dot-dot',
  'slash', // a slash within a name, as Google Drive's names have (ampache/ampache#3294)
  'no-name', // an empty href (phodav, of a name with a `%`)
  'itself', // the collection once more, as a file (rclone/rclone#753)
  'double-slash', // a member whose name is empty
  'no-url',
] as const;
export type ImpossibleEntry = (typeof IMPOSSIBLE_ENTRIES)[number];

/** The response of such an entry; `collection` is the collection's own href, with a slash behind it. */
export function impossibleResponse(entry: ImpossibleEntry, collection: string): string {
  const properties =
    '<D:propstat><D:prop><D:resourcetype/><D:getcontentlength>7</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>';
  return `<D:response><D:href>${hrefOf(entry, collection).replaceAll('&', '&amp;')}</D:href>${properties}</D:response>\n`;
}

function hrefOf(entry: ImpossibleEntry, collection: string): string {
  switch (entry) {
    case 'dot':
      return `${collection}.`;
    case 'dot-dot':
      return `${collection}..`;
    case 'slash':
      return `${collection}AC%2FDC.ova`;
    case 'no-name':
      return '';
    case 'itself':
      return collection.length > 1 ? collection.slice(0, -1) : collection;
    case 'double-slash':
      return `${collection}/`;
    case 'no-url':
      return 'http://[::1';
  }
}
