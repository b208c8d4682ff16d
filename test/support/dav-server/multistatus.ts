import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { Fault } from './faults.js';
import { HREF_STYLES, type HrefPlace, type HrefStyle, writeHref } from './hrefs.js';
import { impossibleResponse } from './impossible.js';
import { type MarkerStyle, shownMarker } from './markers.js';
import { mixedStyle, type PropertyStyle, writeFailedResponse, writeResponse } from './properties.js';
import type { DavNode } from './tree.js';

export interface RenderOptions extends HrefPlace {
  readonly hrefs: HrefStyle | 'mixed';
  readonly markers: MarkerStyle;
  readonly properties: PropertyStyle;
  /** Whether every response says the same in another way. */
  readonly isMixed: boolean;
  /** Whether oc:fileid and oc:permissions are known. */
  readonly hasOwncloudProperties: boolean;
  readonly startedAt: number;
  readonly now: () => number;
  readonly random: () => number;
}

export interface Multistatus {
  readonly body: Buffer;
  /** Where the root element has ended. */
  readonly endsAt: number;
  /** The direct members that it shows, those with an error too. */
  readonly members: readonly ResourcePath[];
  /** Those of them that are files. */
  readonly files: ReadonlySet<ResourcePath>;
  /** Whether more of them stand on a next page. */
  readonly hasNextPage: boolean;
}

export interface Asked {
  readonly path: ResourcePath;
  /** The same as bytes of one character each. */
  readonly bytes: string;
  readonly depth: string;
  /** From 1 on. */
  readonly page: number;
  readonly wantsOwncloud: boolean;
}

/** The multistatus document of the last node of a trail that begins at the root, with its members if `depth` is not 0. */
export function renderMultistatus(
  trail: readonly DavNode[],
  asked: Asked,
  fault: Fault,
  options: RenderOptions,
): Multistatus {
  const responses: string[] = [];
  const members: ResourcePath[] = [];
  const files = new Set<ResourcePath>();
  const node = trail.at(-1) as DavNode;
  const isMounted = trail.some((each) => each.isMount);
  const { pageSize = Number.POSITIVE_INFINITY, fitsOnly = Number.POSITIVE_INFINITY } = fault;
  const write = createWriter(asked, options, fault);
  const isBlank = fault.blank === true || fault.bare !== undefined;

  if (asked.page === 1) {
    const self = selfResponse(node, asked.bytes, isMounted, fault.self, write, options);
    if (fault.self !== 'omitted') responses.push(self);
    if (fault.self === 'twice') responses.push(self);
  }
  const walk = (parent: DavNode, at: string, prefix: string, isInMount: boolean) => {
    for (const child of isBlank ? [] : (parent.children?.values() ?? [])) {
      if (fault.forget?.includes(child.name)) continue;
      const bytes = at === '' ? child.key : `${at}/${child.key}`;
      if (parent === node && members.length === fitsOnly) {
        const isAtMember = fault.isFullAtMember === true;
        responses.push(isAtMember ? write.failed(child, bytes, 507) : write.failed(node, asked.bytes, 507));
        break;
      }
      const path = `${prefix}${child.name}` as ResourcePath;
      if (parent === node) members.push(path);
      if (parent === node && child.children === null) files.add(path);
      if (parent === node && !isOnPage(members.length, asked.page, pageSize)) continue;
      const status = fault.childStatus?.[child.name];
      const isMount = isInMount || child.isMount;
      const text = status === undefined ? write.good(child, bytes, isMount) : write.failed(child, bytes, status);
      responses.push(text);
      if (fault.repeat === true) responses.push(text);
      if (asked.depth === 'infinity') walk(child, bytes, `${prefix}${child.name}/`, isMount);
    }
  };
  if (asked.depth !== '0') walk(node, asked.bytes, asked.path === '' ? '' : `${asked.path}/`, isMounted);

  for (const entry of asked.depth === '0' ? [] : (fault.impossible ?? [])) {
    responses.push(impossibleResponse(entry, writeHref(asked.bytes, true, 'path', options)));
  }

  const { dav, declared } = rootNames(options.properties.prefix);
  const document = `<?xml version="1.0" encoding="utf-8"?>
<${dav}multistatus${declared}>
${responses.join('')}${bytesOfText(fault.extraResponses)}</${dav}multistatus>
`;
  const first = (asked.page - 1) * pageSize;
  return {
    body: Buffer.from(document + bytesOfText(fault.trailing), 'latin1'),
    endsAt: document.length - 1,
    members: Number.isFinite(pageSize) ? members.slice(first, first + pageSize) : members,
    files,
    hasNextPage: members.length > asked.page * pageSize,
  };
}

function isOnPage(position: number, page: number, pageSize: number): boolean {
  return Math.ceil(position / pageSize) === page || !Number.isFinite(pageSize);
}

/** The document is put together from bytes of one character each. */
function bytesOfText(text = ''): string {
  return Buffer.from(text).toString('latin1');
}

interface Writer {
  good(node: DavNode, bytes: string, isMounted: boolean, place?: HrefPlace): string;
  failed(node: DavNode, bytes: string, status: number): string;
}

function createWriter({ wantsOwncloud }: Asked, options: RenderOptions, fault: Fault): Writer {
  const { random } = options;
  const style = () => (options.isMixed ? mixedStyle(options.properties, random) : options.properties);
  const href = (node: DavNode, bytes: string, place: HrefPlace = options) => {
    const { hrefs } = options;
    const mixed = HREF_STYLES[Math.floor(random() * HREF_STYLES.length)] as HrefStyle;
    return writeHref(bytes, node.children !== null, hrefs === 'mixed' ? mixed : hrefs, place);
  };
  return {
    good: (node, bytes, isMounted, place) => {
      const owncloud = wantsOwncloud ? (options.hasOwncloudProperties ? owncloudOf(node, isMounted) : null) : undefined;
      const shown = {
        ...shownMarker(node, options.markers, options.startedAt),
        ...(fault.bare === 'null-cache' ? { modifiedAt: options.now() } : {}),
        isCollection: node.children !== null,
        sizeBytes: node.sizeBytes,
        owncloud,
        ...(fault.bare === undefined ? {} : { bare: fault.bare }),
      };
      return writeResponse(href(node, bytes, place), shown, style());
    },
    failed: (node, bytes, status) =>
      writeFailedResponse(href(node, bytes), status, style(), fault.isChildStatusOfResponse === true),
  };
}

function selfResponse(
  node: DavNode,
  bytes: string,
  isMounted: boolean,
  self: Fault['self'],
  write: Writer,
  { origin }: HrefPlace,
): string {
  if (self === 'forbidden') return write.failed(node, bytes, 403);
  if (self === 'file') return write.good({ ...node, children: null }, bytes, isMounted);
  if (self === 'elsewhere') return write.good(node, bytes, isMounted, { origin, basePath: '/elsewhere/' });
  return write.good(node, bytes, isMounted);
}

/** As Nextcloud tells what one may do; `M` stands with everything inside of a mount. */
function owncloudOf({ id, children }: DavNode, isMounted: boolean): { fileid: string; permissions: string } {
  return {
    fileid: `${String(id).padStart(8, '0')}ocfake`,
    permissions: `${isMounted ? 'M' : ''}RGD${children === null ? 'NVW' : 'NVCK'}`,
  };
}

function rootNames(prefix: PropertyStyle['prefix']): { dav: string; declared: string } {
  if (prefix === 'none') return { dav: '', declared: ' xmlns="DAV:" xmlns:D="DAV:"' };
  if (prefix === 'd') return { dav: 'd:', declared: ' xmlns:d="DAV:" xmlns:D="DAV:"' };
  return { dav: 'D:', declared: ' xmlns:D="DAV:" xmlns:ns0="DAV:"' };
}
