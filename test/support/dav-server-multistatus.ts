import { bytesFromPath, type ResourcePath } from '../../src/domain/path.js';
import type { Fault } from './dav-server-faults.js';
import type { DavNode } from './dav-server-tree.js';

/** How hrefs are written; servers differ, clients may not care. */
export type HrefStyle =
  | 'path' // `/images/a%20b.ova`, as Apache and nginx do
  | 'absolute' // `http://127.0.0.1:1/images/a%20b.ova`, as nephele does
  | 'raw' // spaces, `#`, `?`, quotes and brackets stand as they are, as npm webdav-server has some
  | 'encoded' // everything but letters, digits and slashes, slashes too but the first
  | 'lower-case'; // `%c3%a9`, as Apache does

/**
 * What a collection shows of its changes. `apache`: getetag and getlastmodified move when a direct member comes or goes.
 * `nginx`: getlastmodified only. `still`: nothing ever moves, as in rclone before 1.65.
 */
export type MarkerStyle = 'apache' | 'nginx' | 'still';

export interface RenderOptions {
  readonly origin: string;
  /** The URL's path in front of the tree's root, decoded, with a slash at both ends. */
  readonly basePath: string;
  readonly hrefs: HrefStyle;
  readonly markers: MarkerStyle;
  readonly startedAt: number;
}

/** The multistatus document of one node, with its members if `depth` is not 0. */
export function renderMultistatus(
  node: DavNode,
  path: ResourcePath,
  depth: string,
  fault: Fault,
  options: RenderOptions,
): string {
  const responses: string[] = [];
  const add = (member: DavNode, memberPath: ResourcePath) => {
    const status = fault.childStatus?.[member.name];
    responses.push(
      status === undefined ? response(member, memberPath, options) : failed(member, memberPath, status, options),
    );
  };
  if (fault.self !== 'omitted') responses.push(selfResponse(node, path, fault.self, options));
  const walk = (parent: DavNode, parentPath: ResourcePath) => {
    for (const child of parent.children?.values() ?? []) {
      if (fault.forget?.includes(child.name)) continue;
      const childPath = (parentPath === '' ? child.name : `${parentPath}/${child.name}`) as ResourcePath;
      add(child, childPath);
      if (depth === 'infinity') walk(child, childPath);
    }
  };
  if (depth !== '0') walk(node, path);
  return `<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
${responses.join('')}${fault.extraResponses ?? ''}</D:multistatus>
${fault.trailing ?? ''}`;
}

function selfResponse(node: DavNode, path: ResourcePath, self: Fault['self'], options: RenderOptions): string {
  if (self === 'forbidden') return failed(node, path, 403, options);
  if (self === 'file') return response({ ...node, children: null }, path, options);
  if (self === 'elsewhere') return response(node, path, { ...options, basePath: '/elsewhere/' });
  return response(node, path, options);
}

/** Shaped like Apache's, whose `lp1` and `g0` prefixes are both bound to DAV:. */
function response(node: DavNode, path: ResourcePath, options: RenderOptions): string {
  const isCollection = node.children !== null;
  const isStill = options.markers === 'still' && isCollection;
  const modified = new Date(isStill ? options.startedAt : node.modifiedAt).toUTCString();
  const etag = `"${node.sizeBytes.toString(16)}-${node.version.toString(16)}"`;
  const hasEtag = options.markers === 'apache' || (options.markers === 'still' && !isCollection);
  return `<D:response xmlns:lp1="DAV:" xmlns:lp2="http://apache.org/dav/props/"${isCollection ? ' xmlns:g0="DAV:"' : ''}>
<D:href>${escapeXml(hrefOf(path, isCollection, options))}</D:href>
<D:propstat>
<D:prop>
<lp1:resourcetype>${isCollection ? '<D:collection/>' : ''}</lp1:resourcetype>
${isCollection ? '' : `<lp1:getcontentlength>${node.sizeBytes}</lp1:getcontentlength>\n`}<lp1:getlastmodified>${modified}</lp1:getlastmodified>
${hasEtag ? `<lp1:getetag>${etag}</lp1:getetag>\n` : ''}</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
${isCollection ? '<D:propstat>\n<D:prop>\n<g0:getcontentlength/>\n</D:prop>\n<D:status>HTTP/1.1 404 Not Found</D:status>\n</D:propstat>\n' : ''}</D:response>
`;
}

function failed(node: DavNode, path: ResourcePath, status: number, options: RenderOptions): string {
  return `<D:response>
<D:href>${escapeXml(hrefOf(path, node.children !== null, options))}</D:href>
<D:propstat>
<D:prop><D:resourcetype/></D:prop>
<D:status>HTTP/1.1 ${status} Failed</D:status>
</D:propstat>
</D:response>
`;
}

function hrefOf(path: ResourcePath, isCollection: boolean, { origin, basePath, hrefs }: RenderOptions): string {
  const bytes = Buffer.concat([
    Buffer.from(basePath),
    bytesFromPath(path),
    Buffer.from(isCollection && path !== '' ? '/' : ''),
  ]);
  if (hrefs === 'encoded') return `/${escapeBytes(bytes.subarray(1), /[A-Za-z0-9]/)}`;
  if (hrefs === 'raw') return escapeBytes(bytes, /[ -$&-~]/);
  const text = escapeBytes(bytes, /[A-Za-z0-9\-._~/!$&'()*+,;=:@]/);
  if (hrefs === 'absolute') return origin + text;
  return hrefs === 'lower-case' ? text.replace(/%../g, (escaped) => escaped.toLowerCase()) : text;
}

function escapeBytes(bytes: Uint8Array, kept: RegExp): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
