import { constants, type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRecord } from '../../domain/model/audit.js';
import { AUDIT_FILE, AUDIT_FILES } from './audit.js';

/** Some 200 entries: one read is enough for most questions. */
const PIECE_BYTES = 64 * 1024;
/** 1,000 entries of the greatest length; further back nothing is read, whatever the lines are. */
const AT_MOST_BYTES = 4 * 1024 * 1024;
/** Far longer than any entry: what goes on for longer is none. */
const LONGEST_LINE = 256 * 1024;
const NEW_LINE = 0x0a;

/**
 * Returns the newest entries of the audit log in the data directory, the newest first, out of older files as well if the
 * newest has too few. Lines that are no entries are passed over, such as one that a full disk has cut off.
 */
export async function readAuditTrail(directory: string, atMost: number): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = [];
  /** What is rotated meanwhile comes again under its next name, since both go on from younger files to older ones. */
  const read = new Set<string>();
  let bytesLeft = AT_MOST_BYTES;
  for (let age = 0; age <= AUDIT_FILES && found.length < atMost && bytesLeft > 0; age++) {
    const file = await openIfAny(join(directory, age === 0 ? AUDIT_FILE : `${AUDIT_FILE}.${age}`));
    if (file === null) continue; // it may be in the middle of being rotated
    try {
      const { dev, ino } = await file.stat();
      const identity = `${dev}:${ino}`;
      if (read.has(identity)) continue;
      read.add(identity);
      for await (const { line, bytes } of linesFromEnd(file)) {
        bytesLeft -= bytes;
        const entry = entryOf(line);
        if (entry !== null) found.push(entry);
        if (found.length === atMost || bytesLeft <= 0) break;
      }
    } finally {
      await file.close();
    }
  }
  return found;
}

/** Returns null if there is no such file, or anything but one: a pipe would have to be waited for. */
async function openIfAny(path: string): Promise<FileHandle | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ELOOP')) return null;
    throw error;
  }
}

/** Yields the lines of a file from its last to its first, without their ends. */
async function* linesFromEnd(file: FileHandle): AsyncGenerator<{ readonly line: string; readonly bytes: number }> {
  let end = (await file.stat()).size;
  /** The end of a line whose beginning is further ahead. */
  let rest: Buffer = Buffer.alloc(0);
  while (end > 0) {
    const length = Math.min(PIECE_BYTES, end);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, end - length);
    if (bytesRead < length) return; // it was cut off meanwhile
    end -= length;
    if (rest.length > LONGEST_LINE) return;
    rest = Buffer.concat([buffer, rest]);
    for (let at = rest.lastIndexOf(NEW_LINE); at !== -1; at = rest.lastIndexOf(NEW_LINE)) {
      const line = rest.subarray(at + 1);
      rest = rest.subarray(0, at);
      yield { line: line.toString(), bytes: line.length + 1 };
    }
  }
  yield { line: rest.toString(), bytes: rest.length };
}

function entryOf(line: string): AuditRecord | null {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return null;
  }
  const { time, act, by, from, details, outcome } = Object(read) as Readonly<Record<string, unknown>>;
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (typeof act !== 'string' || typeof outcome !== 'string' || Number.isNaN(at)) return null;
  return { time: at, host: null, act, by: textOf(by), from: textOf(from), details: factsOf(details), outcome };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function factsOf(details: unknown): AuditRecord['details'] {
  const facts = Object.entries(Object(details) as object).filter(
    (fact): fact is [string, string | number | boolean | null] =>
      fact[1] === null || ['string', 'number', 'boolean'].includes(typeof fact[1]),
  );
  return Object.fromEntries(facts);
}
