import { resolveHref } from '../../domain/description/href.js';
import { counted } from '../../domain/text/counted.js';
import type { Verified, VerifiedFile } from '../../ovf/manifest/verify.js';
import { printable } from '../terminal/io.js';
import { formatSize } from '../terminal/table.js';

/** A line of a manifest that isn't understood is shown so far. */
const MOST_OF_A_LINE = 100;

/**
 * What all of the manifest comes to: `incomplete` if nothing in it is known to be wrong, but it has a file that was not
 * looked at.
 */
export function verdictOn({ files, strange }: Verified): 'ok' | 'incomplete' | 'damaged' {
  const outcomes = new Set(files.map(({ outcome }) => outcome));
  if (strange.length > 0 || outcomes.has('differs') || outcomes.has('missing')) return 'damaged';
  return outcomes.has('unlooked') ? 'incomplete' : 'ok';
}

/** Describes for people how an image compares with its manifest: the verdict, then what speaks against it. */
export function verifiedLines(image: string, verified: Verified): readonly string[] {
  const wrong = verified.files.filter(({ outcome }) => outcome !== 'ok');
  const right = verified.files.length - wrong.length;
  const verdict = verdictOn(verified);
  return [
    `${printable(image)}: ${verdict}, ${counted(right, 'file')} as in ${printable(verified.manifest)}`,
    ...wrong.map((file) => `  ${printable(file.name)}: ${whatIsWrong(file)}`),
    ...strangeLines(verified).map((line) => `  ${line}`),
    ...verified.unmentioned.map((name) => `  ${printable(name)}: not in the manifest`),
    ...verified.unlooked.map((name) => `  ${printable(name)}: ${whyUnlooked(name)}`),
  ];
}

function whatIsWrong({ name, outcome }: VerifiedFile): string {
  if (outcome === 'unlooked') return whyUnlooked(name);
  return outcome === 'missing' ? 'missing' : 'the sum differs';
}

function whyUnlooked(name: string): string {
  const isOutside = resolveHref(name).kind === 'outside';
  return isOutside ? 'leads out of the folder, and was not looked at' : 'is in a folder, which was not looked into';
}

/** Names the lines of a manifest that can't be compared with anything. */
export function strangeLines({ strange }: Verified): readonly string[] {
  return strange.map(
    (line) => `the manifest has a line that is none of its forms: ${printable(line.slice(0, MOST_OF_A_LINE))}`,
  );
}

/** Says how far the sums of an image are; `totalBytes` is null if nobody knows how much there is. */
export function verifyProgress(image: string, file: string, readBytes: number, totalBytes: number | null): string {
  if (totalBytes === null) return `${image}: ${file}, ${formatSize(readBytes)} in all`;
  return `${image}: ${file}, ${Math.floor((readBytes / Math.max(totalBytes, 1)) * 100)} % in all`;
}
