import { SaxesParser } from 'saxes';
import { escapeText } from './answer.js';
import { type CloudPlace, sizeOf } from './node.js';
import type { CloudSpace } from './space.js';

const DAV = 'DAV:';
const OC = 'http://owncloud.org/ns';
const NC = 'http://nextcloud.org/ns';
const PREFIXES: Readonly<Record<string, string>> = { [DAV]: 'd', [OC]: 'oc', [NC]: 'nc' };

/** `{namespace}name`, as sabre writes it. */
export type PropertyName = string;

/** What an empty PROPFIND asks for. */
export const ALL_PROPERTIES: readonly PropertyName[] = [
  '{DAV:}getlastmodified',
  '{DAV:}getcontentlength',
  '{DAV:}resourcetype',
  '{DAV:}getetag',
  '{DAV:}getcontenttype',
];

/** The names within the first `prop` of a PROPFIND, in their order. */
export function requestedProperties(body: string): readonly PropertyName[] {
  const names: PropertyName[] = [];
  let depth = 0;
  let propAt = 0;
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', ({ uri, local }) => {
    depth++;
    if (propAt > 0 && depth === propAt + 1) names.push(`{${uri}}${local}`);
    if (uri === DAV && local === 'prop' && propAt === 0) propAt = depth;
  });
  parser.on('closetag', () => {
    if (depth === propAt) propAt = -1;
    depth--;
  });
  parser.write(body).close();
  return names;
}

/** What one property is worth at a place; null where Nextcloud has none there. */
export function propertyOf(
  space: CloudSpace,
  place: CloudPlace,
  name: PropertyName,
  fingerprint: string,
): string | null {
  const { node, mount, path } = place;
  const isFolder = node.children !== null;
  switch (name) {
    case '{DAV:}resourcetype':
      return isFolder ? '<d:collection/>' : '';
    case '{DAV:}displayname':
      return escapeText(node.name);
    case '{DAV:}getcontentlength':
      return isFolder ? null : `${node.sizeBytes}`;
    case '{DAV:}getcontenttype':
      return isFolder ? null : 'application/octet-stream';
    case '{DAV:}getlastmodified':
      return new Date(space.modifiedAt(place)).toUTCString();
    case '{DAV:}getetag':
      return escapeText(`"${space.etagOf(place)}"`);
    case `{${OC}}fileid`:
      return `${node.id}`;
    case `{${OC}}size`:
      return `${sizeOf(node)}`;
    case `{${OC}}permissions`:
      return space.permissionsOf(place);
    case `{${NC}}mount-type`:
      return mount?.type ?? '';
    case `{${NC}}is-mount-root`:
      return `${mount !== null && path === mount.at}`;
    case `{${OC}}data-fingerprint`:
      return escapeText(fingerprint);
    default:
      return null;
  }
}

export interface ResponseEntry {
  readonly href: string;
  readonly value: (name: PropertyName) => string | null;
}

const HEAD = `<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="${OC}" xmlns:nc="${NC}">`;

/** The whole answer. Whatever an entry lacks is named in a propstat with 404, unless the client wants it minimal. */
export function multistatus(
  entries: readonly ResponseEntry[],
  names: readonly PropertyName[],
  isMinimal: boolean,
): string {
  const parts = [HEAD];
  for (const { href, value } of entries) {
    let found = '';
    let lacking = '';
    for (const name of names) {
      const text = value(name);
      if (text === null) lacking += emptyElement(name);
      else found += text === '' && name === '{DAV:}resourcetype' ? '<d:resourcetype/>' : element(name, text);
    }
    parts.push(`<d:response><d:href>${href}</d:href>`);
    if (found !== '' || lacking === '') parts.push(propstat(found, '200 OK'));
    if (lacking !== '' && !isMinimal) parts.push(propstat(lacking, '404 Not Found'));
    parts.push('</d:response>');
  }
  return `${parts.join('')}</d:multistatus>\n`;
}

const propstat = (properties: string, status: string) =>
  `<d:propstat><d:prop>${properties}</d:prop><d:status>HTTP/1.1 ${status}</d:status></d:propstat>`;

function tagOf(name: PropertyName): { readonly tag: string; readonly attributes: string } {
  const [, uri = '', local = ''] = /^\{(.*)\}(.*)$/.exec(name) ?? [];
  const prefix = PREFIXES[uri];
  return prefix === undefined
    ? { tag: `x1:${local}`, attributes: ` xmlns:x1="${escapeText(uri)}"` }
    : { tag: `${prefix}:${local}`, attributes: '' };
}

function element(name: PropertyName, text: string): string {
  const { tag, attributes } = tagOf(name);
  return `<${tag}${attributes}>${text}</${tag}>`;
}

function emptyElement(name: PropertyName): string {
  const { tag, attributes } = tagOf(name);
  return `<${tag}${attributes}/>`;
}

/** As sabre's: in small hexadecimal, all but letters, digits and a few signs. */
export const encodePath = (path: string) =>
  [...Buffer.from(path)]
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      return /[A-Za-z0-9_\-.~()/:@]/.test(sign) ? sign : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
