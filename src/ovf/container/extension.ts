import { pathFromBytes } from '../../domain/model/path.js';

/** What an extension says of the member after it. */
export interface Extension {
  readonly name?: string | undefined;
  readonly size?: number;
  readonly isSparse?: boolean;
}

/** Reads what stands in a member of type `x`, `g` (PAX) or `L` (a long name of GNU's). */
export function readExtension(type: string, data: Uint8Array): Extension {
  if (type !== 'L') return readPax(data);
  const end = data.indexOf(0);
  return { name: pathFromBytes(end < 0 ? data : data.subarray(0, end)) };
}

/** Reads PAX records, `LENGTH KEY=VALUE\n` each; the length counts bytes, its own digits included. */
function readPax(data: Uint8Array): Extension {
  const found: { name?: string | undefined; size?: number; isSparse?: boolean } = {};
  let sparseName: string | undefined;
  let at = 0;
  while (at < data.length) {
    const blank = data.indexOf(0x20, at);
    const digits = blank < 0 ? '' : String.fromCharCode(...data.subarray(at, Math.min(blank, at + 8)));
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    const record = data.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (length === 0 || at + length > data.length || equals < 0) break;
    const key = String.fromCharCode(...record.subarray(0, Math.min(equals, 64)));
    const value = pathFromBytes(record.subarray(equals + 1));
    // A record takes the place of an earlier one; one without a value leaves it to the header (POSIX pax).
    if (key === 'path') found.name = value === '' ? undefined : value;
    else if (key === 'size' && /^\d{1,15}$/.test(value)) found.size = Number(value);
    else if (key.startsWith('GNU.sparse.')) {
      found.isSparse = true;
      if (key === 'GNU.sparse.name') sparseName = value;
    }
    at += length;
  }
  // Beside it, the path is one that GNU tar made up.
  return sparseName === undefined ? found : { ...found, name: sparseName };
}
