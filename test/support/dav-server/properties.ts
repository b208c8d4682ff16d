import type { ShownMarker } from './markers.js';

/** How the elements of one `response` are written; servers differ, clients may not care. */
export interface PropertyStyle {
  /** The prefix of DAV:, none for a default namespace; `apache` binds `D`, `lp1` and `g0` to it in one response. */
  readonly prefix: 'apache' | 'D' | 'd' | 'none';
  /** A propstat's status in front of its prop, as nephele has it. */
  readonly isStatusFirst: boolean;
  /** null leaves it out, as for one that is good. */
  readonly statusLine: 'HTTP/1.1 200 OK' | 'HTTP/1.1 200' | 'HTTP/1.0 200 OK' | 'HTTP/2 200' | null;
  /** Where the propstat with 404 stands for what a resource hasn't. */
  readonly lacking: 'last' | 'first' | 'left out';
  /** What tells a collection: resourcetype, or in its stead what Bitrix24, Jianguoyun or nobody says. */
  readonly type: 'resourcetype' | 'iscollection' | 'content-type' | 'slash';
  readonly date: DateStyle;
  readonly etag: 'quoted' | 'escaped' | 'unquoted' | 'weak' | 'gzip-inside' | 'gzip-behind';
  /** getcontentlength of files. */
  readonly size: 'plain' | 'negative' | 'absent';
}

export const DATE_STYLES = ['rfc1123', 'rfc1123z', 'utc', 'one-digit', 'rfc850', 'unix', 'rfc3339'] as const;
export type DateStyle = (typeof DATE_STYLES)[number];

/** Every value of every field; what one server may write of `size` and `type` is its own choice, see `mixedStyle`. */
export const PROPERTY_STYLES = {
  prefix: ['apache', 'D', 'd', 'none'],
  isStatusFirst: [false, true],
  statusLine: ['HTTP/1.1 200 OK', 'HTTP/1.1 200', 'HTTP/1.0 200 OK', 'HTTP/2 200', null],
  lacking: ['last', 'first', 'left out'],
  type: ['resourcetype', 'iscollection', 'content-type', 'slash'],
  date: DATE_STYLES,
  etag: ['quoted', 'escaped', 'unquoted', 'weak', 'gzip-inside', 'gzip-behind'],
  size: ['plain', 'negative', 'absent'],
} as const satisfies { readonly [Field in keyof PropertyStyle]: readonly PropertyStyle[Field][] };

/** As Apache writes. */
export const APACHE_PROPERTIES: PropertyStyle = {
  prefix: 'apache',
  isStatusFirst: false,
  statusLine: 'HTTP/1.1 200 OK',
  lacking: 'last',
  type: 'resourcetype',
  date: 'rfc1123',
  etag: 'quoted',
  size: 'plain',
};

/** Another way to say the same: all but `size` (and `type`, where it isn't resourcetype) varies. */
export function mixedStyle(base: PropertyStyle, random: () => number): PropertyStyle {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  return {
    prefix: pick(PROPERTY_STYLES.prefix),
    isStatusFirst: pick(PROPERTY_STYLES.isStatusFirst),
    statusLine: pick(PROPERTY_STYLES.statusLine),
    lacking: pick(PROPERTY_STYLES.lacking),
    type: base.type,
    date: pick(DATE_STYLES),
    etag: pick(PROPERTY_STYLES.etag),
    size: base.size,
  };
}

export interface ShownNode extends ShownMarker {
  /** As in `Fault`. */
  readonly bare?: 'untold' | 'null-cache';
  readonly isCollection: boolean;
  readonly sizeBytes: number;
  /** `oc:fileid` and `oc:permissions`: as asked for, null where this server knows none; undefined where nobody asked. */
  readonly owncloud: { readonly fileid: string; readonly permissions: string } | null | undefined;
}

/** One `response` element; the href is written as it stands. */
export function writeResponse(href: string, node: ShownNode, style: PropertyStyle): string {
  const names = namesOf(style.prefix);
  const [had, lacking] = propertiesOf(node, style, names);
  const good = propstat(had, style.statusLine, style.isStatusFirst, names.dav);
  const bad =
    lacking === '' || style.lacking === 'left out'
      ? ''
      : propstat(lacking, 'HTTP/1.1 404 Not Found', style.isStatusFirst, names.dav);
  const propstats = style.lacking === 'first' ? bad + good : good + bad;
  const { dav, declared } = names;
  return `<${dav}response${declared}>\n<${dav}href>${escapeXml(href)}</${dav}href>\n${propstats}</${dav}response>\n`;
}

/** A `response` of a resource that can't be looked at; `isWhole`: the status is the response's own. */
export function writeFailedResponse(href: string, status: number, style: PropertyStyle, isWhole = false): string {
  const { dav, declared } = namesOf(style.prefix);
  const line = `HTTP/1.1 ${status} Failed`;
  const failed = isWhole
    ? `<${dav}status>${line}</${dav}status>\n`
    : propstat(`<${dav}resourcetype/>`, line, style.isStatusFirst, dav);
  return `<${dav}response${declared}>\n<${dav}href>${escapeXml(href)}</${dav}href>\n${failed}</${dav}response>\n`;
}

interface Names {
  /** In front of structural elements. */
  readonly dav: string;
  /** In front of properties that are there. */
  readonly had: string;
  /** In front of those that aren't. */
  readonly lacking: string;
  readonly declared: string;
}

function namesOf(prefix: PropertyStyle['prefix']): Names {
  if (prefix === 'none') return { dav: '', had: '', lacking: '', declared: ' xmlns="DAV:"' };
  if (prefix !== 'apache')
    return { dav: `${prefix}:`, had: `${prefix}:`, lacking: `${prefix}:`, declared: ` xmlns:${prefix}="DAV:"` };
  return {
    dav: 'D:',
    had: 'lp1:',
    lacking: 'g0:',
    declared: ' xmlns:D="DAV:" xmlns:lp1="DAV:" xmlns:lp2="http://apache.org/dav/props/" xmlns:g0="DAV:"',
  };
}

/** The properties that the node has, and those that it was asked for and hasn't. */
function propertiesOf(node: ShownNode, style: PropertyStyle, { dav, had, lacking }: Names): [string, string] {
  const { isCollection, owncloud, bare } = node;
  const there: string[] = [];
  const missing: string[] = [];
  const add = (name: string, text: string | null) => {
    if (text === null) missing.push(`<${lacking}${name}/>`);
    else there.push(`<${had}${name}>${text}</${had}${name}>`);
  };
  if (style.type === 'resourcetype') add('resourcetype', isCollection ? `<${dav}collection/>` : '');
  if (style.type === 'iscollection') add('iscollection', isCollection ? '1' : '0');
  if (style.type === 'content-type')
    add('getcontenttype', isCollection ? 'httpd/unix-directory' : 'application/octet-stream');
  add('getcontentlength', isCollection || style.size === 'absent' ? null : sizeText(node, style));
  add('getlastmodified', bare === 'untold' ? null : dateText(node.modifiedAt, style.date));
  const etag = bare === undefined ? node.etag : null;
  add('getetag', bare === 'null-cache' ? '""' : etag === null ? null : etagText(etag, style.etag));
  if (owncloud !== undefined) {
    const known = bare === 'untold' ? null : owncloud;
    for (const [name, text] of Object.entries(known ?? { fileid: null, permissions: null })) {
      const [target, content] = text === null ? [missing, '/>'] : [there, `>${text}</oc:${name}>`];
      target.push(`<oc:${name} xmlns:oc="http://owncloud.org/ns"${content}`);
    }
  }
  return [there.join('\n'), missing.join('\n')];
}

function propstat(properties: string, statusLine: string | null, isStatusFirst: boolean, dav: string): string {
  const status = statusLine === null ? '' : `<${dav}status>${statusLine}</${dav}status>\n`;
  const prop = `<${dav}prop>\n${properties}\n</${dav}prop>\n`;
  return `<${dav}propstat>\n${isStatusFirst ? status + prop : prop + status}</${dav}propstat>\n`;
}

function sizeText({ sizeBytes }: ShownNode, { size }: PropertyStyle): string {
  return size === 'negative' ? `-${sizeBytes + 1}` : `${sizeBytes}`;
}

function etagText(etag: string, style: PropertyStyle['etag']): string {
  switch (style) {
    case 'quoted':
      return `"${etag}"`;
    case 'escaped':
      return `&quot;${etag}&quot;`;
    case 'unquoted':
      return etag;
    case 'weak':
      return `W/"${etag}"`;
    case 'gzip-inside':
      return `"${etag}-gzip"`;
    case 'gzip-behind':
      return `"${etag}"-gzip`;
  }
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function dateText(time: number, style: DateStyle): string {
  const date = new Date(time);
  const text = date.toUTCString();
  const [weekday = '', day = '', month = '', year = '', clock = ''] = text.replace(',', '').split(' ');
  switch (style) {
    case 'rfc1123':
      return text;
    case 'rfc1123z':
      return text.replace('GMT', '+0000');
    case 'utc':
      return text.replace('GMT', 'UTC');
    case 'one-digit':
      return text.replace(/ 0(\d) /, ' $1 ');
    case 'rfc850':
      return `${DAYS[date.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${clock} GMT`;
    case 'unix':
      return `${weekday} ${month} ${day.replace(/^0/, ' ')} ${clock} UTC ${year}`;
    case 'rfc3339':
      return `${date.toISOString().slice(0, 19)}Z`;
  }
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
