import { pathFromBytes } from '../model/path.js';

/** Where a reference of a descriptor leads: to a path below the descriptor's folder, or out of it. */
export type Target =
  | {
      readonly kind: 'inside';
      readonly path: string;
      /** The path as it is written, its percent codes left as they are. */
      readonly written: string;
    }
  | { readonly kind: 'outside' };

const OUTSIDE: Target = { kind: 'outside' };
/** A scheme before a slash, a drive of Windows, or the root of something. */
const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:[\\/]|[a-z]:|file:|[\\/])/i;

/**
 * Resolves an href: percent-decoded once, `.` left out. The path is compared with names as bytes are, so neither case
 * nor Unicode's forms are made the same. Anything absolute, or with a `..`, is outside.
 */
export function resolveHref(href: string): Target {
  if (ABSOLUTE.test(href)) return OUTSIDE;
  const decoded = percentDecoded(href);
  if (ABSOLUTE.test(decoded)) return OUTSIDE;
  const segments = segmentsOf(decoded);
  if (segments.length === 0 || segments.includes('..')) return OUTSIDE;
  return { kind: 'inside', path: segments.join('/'), written: segmentsOf(href).join('/') };
}

/**
 * Returns how a file is called that an href names: decoded, as the standard has it, unless there is only one that is
 * called as it is written. vCenter writes so of a machine called `a/b`: both name and href are `a%2fb-1.vmdk`.
 */
export function nameAmong(
  { path, written }: Extract<Target, { readonly kind: 'inside' }>,
  isThere: (name: string) => boolean,
): string {
  return written !== path && !isThere(path) && isThere(written) ? written : path;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.');
}

/** How the parts of a chunked file are called: `disk.vmdk.000000000` and so on (DSP0243, 7.1). */
export function chunkName(path: string, index: number): string {
  return `${path}.${index.toString().padStart(9, '0')}`;
}

/** Returns the name of the file that a part of this name belongs to; any other name stays. */
export function nameOfWhole(name: string): string {
  return name.replace(/\.\d{9}$/, '');
}

/** Decodes what is percent-encoded; a percent sign that begins no code stands for itself. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; at++) {
    const code = encoded[at] === 0x25 ? String.fromCharCode(...encoded.subarray(at + 1, at + 3)) : '';
    const isCode = /^[0-9a-f]{2}$/i.test(code);
    bytes[length++] = isCode ? Number.parseInt(code, 16) : (encoded[at] as number);
    if (isCode) at += 2;
  }
  return pathFromBytes(bytes.subarray(0, length));
}
