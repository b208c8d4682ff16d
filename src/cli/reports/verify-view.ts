import { counted } from '../../domain/text/counted.js';
import type { Verified } from '../../ovf/manifest/verify.js';
import { printable } from '../terminal/io.js';
import { formatSize } from '../terminal/table.js';

/** A line of a manifest that isn't understood is shown so far. */
const MOST_OF_A_LINE = 100;

/** Whether all that a manifest says is true of the image. */
export function isWhole({ files, strange }: Verified): boolean {
  return strange.length === 0 && files.every(({ outcome }) => outcome === 'ok');
}

/** Describes for people how an image compares with its manifest: the verdict, then what speaks against it. */
export function verifiedLines(image: string, verified: Verified): readonly string[] {
  const wrong = verified.files.filter(({ outcome }) => outcome !== 'ok');
  const right = verified.files.length - wrong.length;
  const verdict = isWhole(verified) ? 'ok' : 'damaged';
  return [
    `${printable(image)}: ${verdict}, ${counted(right, 'file')} as in ${printable(verified.manifest)}`,
    ...wrong.map(
      ({ name, outcome }) => `  ${printable(name)}: ${outcome === 'missing' ? 'missing' : 'the sum differs'}`,
    ),
    ...strangeLines(verified).map((line) => `  ${line}`),
    ...verified.unmentioned.map((name) => `  ${printable(name)}: not in the manifest`),
  ];
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
