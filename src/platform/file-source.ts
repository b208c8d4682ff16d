import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { RangeSource } from '../domain/description/reading.js';
import { OvadexError } from '../domain/model/errors.js';

/** A local file to read from. */
export interface LocalFile {
  readonly sizeBytes: number;
  readonly source: RangeSource;
}

/**
 * Opens a file for reading, piece by piece. Throws OvadexError `usage` for anything but a regular file, since opening a
 * pipe would wait for whoever writes to it; a system error if it isn't there or may not be read.
 */
export async function openLocalFile(path: string | Buffer): Promise<LocalFile> {
  const found = await stat(path);
  if (!found.isFile()) throw new OvadexError('usage', found.isDirectory() ? 'is a folder' : 'is not a regular file');
  const handle = await open(path, 'r');
  return { sizeBytes: found.size, source: fileSource(handle, found) };
}

function fileSource(handle: FileHandle, found: Stats): RangeSource {
  const sizeBytes = found.size;
  let requests = 0;
  let bytes = 0;
  return {
    async read(from, end) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(end, sizeBytes) - from));
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, from + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      requests += 1;
      bytes += length;
      if (length < buffer.length) return { kind: 'changed', detail: 'it became shorter while it was read' };
      // Looked at once, with its last byte: somebody may have written to what was read before.
      if (end >= sizeBytes && isAnother(await handle.stat(), found)) {
        return { kind: 'changed', detail: 'somebody wrote to it' };
      }
      return { kind: 'bytes', bytes: buffer, totalBytes: sizeBytes };
    },
    cost: () => ({ requests, bytes }),
    close: () => handle.close(),
  };
}

function isAnother(now: Stats, before: Stats): boolean {
  return now.size !== before.size || now.mtimeMs !== before.mtimeMs;
}
