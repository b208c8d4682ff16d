import { spawn } from 'node:child_process';
import { bytesFromPath, pathFromBytes, type ResourcePath } from '../../../src/domain/model/path.js';

/** Output of `find` beyond this is not one of the trees here (28,000 names of 400 bytes are 11 MB). */
const MAX_FIND_BYTES = 64 * 1024 * 1024;

/** The images below a directory as the system's own `find` sees them. */
export async function imagesOnDisk(directory: string): Promise<ResourcePath[]> {
  const found = await find(
    directory,
    '-type',
    'f',
    '(',
    '-iname',
    '*.ova',
    '-o',
    '-iname',
    '*.ovf',
    ')',
    '!',
    '-name',
    '._*',
  );
  return found.map(pathFromBytes);
}

/** Paths below `directory` that match the expression, as bytes, sorted; the directory itself is not among them. */
export async function find(directory: string, ...expression: readonly string[]): Promise<Buffer[]> {
  const args = [directory, '-mindepth', '1', ...expression, '-printf', '%P\\0'];
  // Names need not be UTF-8: in any other locale -iname would not match those that aren't.
  const child = spawn('find', args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LC_ALL: 'C' } });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_FIND_BYTES) throw new Error(`find says more than ${MAX_FIND_BYTES} bytes about ${directory}`);
    chunks.push(chunk);
  }
  if ((await code) !== 0) throw new Error(`find ${args.join(' ')} ended with ${await code}`);
  return splitAtNul(Buffer.concat(chunks)).sort(Buffer.compare);
}

/** What one list of paths lacks and has too much against another; in any order. */
export interface Difference {
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
}

export const NO_DIFFERENCE: Difference = { missing: [], surplus: [] };

/** Enough to see what kind of name it is; thousands would bury the message. */
const SHOWN_DIFFERENCES = 20;

/** Compares path for path; one that is listed twice is surplus. */
export function difference(actual: readonly string[], expected: readonly string[]): Difference {
  const missing = new Set(expected);
  const surplus = actual.filter((path) => !missing.delete(path));
  return { missing: [...missing].slice(0, SHOWN_DIFFERENCES), surplus: surplus.slice(0, SHOWN_DIFFERENCES) };
}

/** A path as the part of a URL below its space: every byte but the unreserved ones of RFC 3986 2.3 is escaped. */
export const urlPathOf = (path: ResourcePath): string => escaped(path, /[A-Za-z0-9\-._~/]/);

/** The same with as little escaped as RFC 3986 3.3 allows. */
export const plainUrlPathOf = (path: ResourcePath): string => escaped(path, /[A-Za-z0-9\-._~/!$&'()*+,;=:@]/);

function escaped(path: ResourcePath, plain: RegExp): string {
  let text = '';
  for (const byte of bytesFromPath(path)) {
    const character = String.fromCharCode(byte);
    text += plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}
