import { realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileIdentity, IndexFiles } from '../../domain/diagnosis/displacement.js';

/**
 * Creates a function that returns what the names of an index lead to at the moment, or null if that can't be
 * determined. If the index is a link, SQLite keeps the log beside the file itself.
 */
export function createFilesReader(file: string): () => Promise<IndexFiles | null> {
  const real = realpathSync(file);
  return async () => {
    try {
      const [directory, index, log, shared] = await Promise.all(
        [path.dirname(file), file, `${real}-wal`, `${real}-shm`].map(identityOf),
      );
      return { directory: directory ?? null, index: index ?? null, log: log ?? null, shared: shared ?? null };
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) return null;
      throw error;
    }
  };
}

async function identityOf(name: string): Promise<FileIdentity> {
  try {
    const { dev, ino } = await stat(name, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
