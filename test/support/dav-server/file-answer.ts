import type { Answer } from './answer.js';
import type { Fault } from './faults.js';
import type { ShownMarker } from './markers.js';
import type { DavNode } from './tree.js';

/** The answer to a GET of a file: whole, or the part that was asked for (RFC 9110 14.2), if it is still the same file. */
export function fileAnswer(
  node: Pick<DavNode, 'content' | 'sizeBytes'>,
  { etag, modifiedAt }: ShownMarker,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  fault: Fault,
): Answer {
  const total = node.sizeBytes;
  const content = node.content ?? Buffer.alloc(total);
  const quoted = etag === null ? null : `"${etag}"`;
  const shown = {
    'Last-Modified': new Date(modifiedAt).toUTCString(),
    ...(quoted === null ? {} : { ETag: quoted }),
  };
  const { 'if-match': ifMatch = '*', 'if-range': ifRange = quoted } = headers;
  if (ifMatch !== '*' && ifMatch !== quoted) return { status: 412, headers: {}, body: '' };
  const range = /^bytes=(\d+)-(\d*)$/.exec(`${headers['range']}`);
  if (range === null || fault.ignoresRanges === true || ifRange !== quoted) {
    return { status: 200, headers: shown, body: content };
  }
  const from = Number(range[1]);
  const most = from + (fault.partBytes ?? total);
  const last = range[2] === '' ? total - 1 : Number(range[2]);
  const end = Math.min(last + 1, total, most);
  if (from >= total) return { status: 416, headers: { 'Content-Range': `bytes */${total}` }, body: '' };
  const part = { ...shown, 'Content-Range': `bytes ${from}-${end - 1}/${total}` };
  return { status: 206, headers: part, body: content.subarray(from, end) };
}
