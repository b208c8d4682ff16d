import { expect, test } from 'vitest';
import { FileChanged } from '../../../src/domain/model/errors.js';
import { openArchive } from '../../../src/ovf/manifest/open-archive.js';
import type { StoredFile } from '../../../src/ovf/manifest/stored-file.js';
import { verifyPackage } from '../../../src/ovf/manifest/verify.js';
import { type MemorySource, memorySource, type SparseFile } from '../../support/ovf/memory-source.js';
import { tarOf } from '../../support/ovf/tar.js';

const SUM = '0'.repeat(64);
const filesIn = async (source: MemorySource, { size }: SparseFile): Promise<readonly StoredFile[]> =>
  (await openArchive(source, size)) ?? expect.fail('it gives no parts');
const manifest = { name: 'web.mf', data: `SHA256(big.vmdk)= ${SUM}\nSHA256(small.vmdk)= ${SUM}\n` };

test('members are found by small reads, and read in pieces of a megabyte', async () => {
  const archive = tarOf([{ name: 'big.vmdk', size: 5_000_000 }, { name: 'small.vmdk', size: 10 }, manifest]);
  const source = memorySource(archive);
  const files = await filesIn(source, archive);
  expect(files.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ['big.vmdk', 5_000_000],
    ['small.vmdk', 10],
    ['web.mf', expect.any(Number)],
  ]);
  expect(source.asked).toHaveLength(2);
  const shown: string[] = [];
  const onProgress = (file: string, read: number, total: number | null) => void shown.push(`${file} ${read}/${total}`);
  const verified = await verifyPackage(files, null, { signal: new AbortController().signal, onProgress });
  expect(verified.files.map(({ outcome }) => outcome)).toEqual(['differs', 'differs']);
  expect(shown.slice(-2)).toEqual(['big.vmdk 5000000/5000010', 'small.vmdk 5000010/5000010']);
  expect(Math.max(...source.asked.map(([from, end]) => end - from))).toBe(1024 * 1024);
});

test.each([true, false])(
  'each header is looked at once, however many there are (size known: %s)',
  async (isSizeKnown) => {
    let looks = 0;
    class Watched extends Uint8Array {
      override subarray(from?: number, end?: number) {
        looks++;
        return super.subarray(from, end);
      }
    }
    const looksPerMember = async (members: number) => {
      looks = 0;
      const archive = tarOf(Array.from({ length: members }, (_, n) => ({ name: `${n}.vmdk`, size: 10_000 })));
      const source = memorySource(archive, { isSizeHidden: !isSizeKnown });
      const read: MemorySource['read'] = async (from, end) => {
        const answer = await source.read(from, end);
        return answer.kind === 'bytes' ? { ...answer, bytes: new Watched(answer.bytes) } : answer;
      };
      expect(await openArchive({ ...source, read }, isSizeKnown ? archive.size : null)).toHaveLength(members);
      return looks / members;
    };
    expect(await looksPerMember(400)).toBeLessThan(1.2 * (await looksPerMember(40)));
  },
);

test('an archive whose size is told late ends where it says', async () => {
  const archive = tarOf([manifest, { name: 'big.vmdk', size: 5_000_000 }]);
  const source = memorySource({ ...archive, size: 1_000_000 }, { isSizeHidden: true });
  const read: MemorySource['read'] = async (from, end) => {
    const answer = await source.read(from, end);
    return from > 0 && answer.kind === 'bytes' ? { ...answer, totalBytes: 1_000_000 } : answer;
  };
  await expect(openArchive({ ...source, read }, null)).rejects.toMatchObject({
    code: 'damaged',
    message: 'the archive ends within one of its files',
  });
});

test('an abort ends it within a piece', async () => {
  const archive = tarOf([manifest, { name: 'big.vmdk', size: 500_000_000 }]);
  const source = memorySource(archive);
  const files = await filesIn(source, archive);
  const controller = new AbortController();
  const verifying = verifyPackage(files, null, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(verifying).rejects.toMatchObject({ name: 'AbortError' });
  expect(source.cost().bytes).toBeLessThan(3_000_000);
});

test('a storage that gives no parts, or another file than before, is told', async () => {
  const archive = tarOf([{ name: 'big.vmdk', size: 5_000_000 }, manifest]);
  const stream = memorySource(archive, { isStream: true });
  expect(await openArchive(stream, archive.size)).toBeNull();
  const other = memorySource(archive, { interpose: () => ({ kind: 'changed', detail: 'another ETag' }) });
  await expect(openArchive(other, archive.size)).rejects.toThrow(FileChanged);
});

test.each(['', '\r\n \n'])('a manifest that says nothing (%j) proves nothing', async (data) => {
  const archive = tarOf([
    { name: 'web.mf', data },
    { name: 'disk.vmdk', size: 10 },
  ]);
  const files = await filesIn(memorySource(archive), archive);
  const verifying = verifyPackage(files, null, { signal: new AbortController().signal, onProgress: () => undefined });
  await expect(verifying).rejects.toMatchObject({ code: 'damaged' });
});
