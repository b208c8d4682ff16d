import type { RangeSource } from '../../domain/description/reading.js';
import { openArchive } from './open-archive.js';
import { type Verified, type Verifying, verifyPackage } from './verify.js';
import { verifyStraight } from './verify-straight.js';

/**
 * Compares the files of an archive with the sums in its manifest. Its headers are looked for in `headers`, by small
 * reads, and its files are read of `data`; where the storage gives no parts of files, all of `data` is read once. Both
 * may be the same; else `headers` is closed before the files are read, since each may hold a connection.
 * `sizeBytes` is null if it isn't known. Throws as `verifyPackage` and `openArchive` do.
 */
export async function verifyArchive(
  { headers, data }: { readonly headers: RangeSource; readonly data: RangeSource },
  sizeBytes: number | null,
  verifying: Verifying,
): Promise<Verified> {
  const files = await filesOf(headers, sizeBytes, data);
  if (files === null) return await verifyStraight(data, sizeBytes, verifying);
  const descriptor = files.find(({ name }) => /\.ovf$/i.test(name));
  return await verifyPackage(files, descriptor?.name ?? null, verifying);
}

async function filesOf(headers: RangeSource, sizeBytes: number | null, data: RangeSource) {
  try {
    return await openArchive(headers, sizeBytes, data);
  } finally {
    if (headers !== data) await headers.close();
  }
}
