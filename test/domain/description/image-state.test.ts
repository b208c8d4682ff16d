import { describe, expect, test } from 'vitest';
import type { Descriptor, ReferencedFile } from '../../../src/domain/description/descriptor.js';
import { judgeState, type Sibling } from '../../../src/domain/description/image-state.js';
import type { Reading } from '../../../src/domain/description/reading.js';
import { EMPTY_DESCRIPTOR } from '../../support/ovf/empty-descriptor.js';

const ovf = { name: 'web.ovf', isSettled: true };
const ova = { name: 'web.ova', isSettled: true };

function file(href: string, more: Partial<ReferencedFile> = {}): ReferencedFile {
  return { href, size: null, compression: null, chunkSize: null, ...more };
}

function described(files: readonly ReferencedFile[], reasons: readonly string[] = [], notes: readonly string[] = []) {
  const descriptor: Descriptor = { ...EMPTY_DESCRIPTOR, files };
  return { kind: 'described', descriptor, reasons, notes } satisfies Reading;
}

function broken(...reasons: string[]): Reading {
  return { kind: 'broken', reasons, notes: [] };
}

function beside(sizes: Readonly<Record<string, number | null>>): readonly Sibling[] {
  return Object.entries(sizes).map(([name, sizeBytes]) => ({ name, sizeBytes }));
}

describe('an image', () => {
  test.each([
    ['that has not been read is unknown', ova, null, null, 'unknown', []],
    ['that still changes is being uploaded', { ...ova, isSettled: false }, null, null, 'uploading', []],
    [
      'that still changes is, whatever was read',
      { ...ova, isSettled: false },
      broken('doctype'),
      null,
      'uploading',
      [],
    ],
    ['with nothing against it is ok', ova, described([file('disk.vmdk')]), null, 'ok', []],
    ['that ends early is incomplete', ova, described([], ['truncated']), null, 'incomplete', ['truncated']],
    ['that ends before its descriptor is, too', ova, broken('truncated'), null, 'incomplete', ['truncated']],
    ['without a member is incomplete', ova, described([], ['missing-member: a.vmdk']), null, 'incomplete', null],
    ['without bytes is broken', ova, broken('empty'), null, 'broken', ['empty']],
    ['of another kind is broken', ova, broken('not-an-ova: a zip archive'), null, 'broken', null],
    [
      'whose descriptor is cut off is broken',
      ova,
      described([], ['truncated', 'invalid-xml: x']),
      null,
      'broken',
      null,
    ],
    ['with a reference to elsewhere is incomplete', ova, described([file('http://a/b')]), null, 'incomplete', null],
  ] as const)('%s', (_, image, reading, siblings, state, reasons) => {
    const judged = judgeState(image, reading, siblings);
    expect(judged.state).toBe(state);
    if (reasons !== null) expect(judged.reasons).toEqual(reasons);
  });
});

describe('a descriptor and the files beside it', () => {
  test.each<[string, readonly ReferencedFile[], Readonly<Record<string, number | null>>, readonly string[]]>([
    ['all there', [file('a.vmdk', { size: 9000 })], { 'a.vmdk': 9000, 'web.ovf': 1 }, []],
    ['one missing', [file('a.vmdk'), file('b.vmdk')], { 'a.vmdk': 9000 }, ['missing-file: b.vmdk']],
    [
      'names compared as bytes',
      [file('A.vmdk'), file('u\u0308')],
      { 'a.vmdk': 1, ü: 1 },
      ['missing-file: A.vmdk', 'missing-file: u\u0308'],
    ],
    ['decoded once', [file('a%20b.vmdk'), file('50%25.vmdk')], { 'a b.vmdk': 600, '50%.vmdk': 600 }, []],
    [
      'called as they are written',
      [file('a%2fb.vmdk'), file('./c%20d.vmdk')],
      { 'a%2fb.vmdk': 1, 'c%20d.vmdk': 1 },
      [],
    ],
    ['in chunks called as they are written', [file('a%20b', { chunkSize: 1 })], { 'a%20b.000000000': 1 }, []],
    ['decoded rather than as they are written', [file('a%20b', { size: 9 })], { 'a b': 9, 'a%20b': 0 }, []],
    ['not decoded twice', [file('a%2520b.vmdk')], { 'a b.vmdk': 1 }, ['missing-file: a%20b.vmdk']],
    ['bytes that are no UTF-8', [file('caf%E9.vmdk')], { 'caf\u201BE9.vmdk': 600 }, []],
    ['a percent sign of its own', [file('100%.vmdk')], { '100%.vmdk': 600 }, []],
    ['another size', [file('a.vmdk', { size: 9000 })], { 'a.vmdk': 8000 }, []],
    ['shorter than a header', [file('a.vmdk', { size: 9000 })], { 'a.vmdk': 511 }, ['short-file: a.vmdk']],
    ['small, as it says', [file('a.nvram', { size: 20 })], { 'a.nvram': 20 }, []],
    ['empty, its size unsaid', [file('a.vmdk')], { 'a.vmdk': 0 }, ['short-file: a.vmdk']],
    ['a size that the listing lacks', [file('a.vmdk', { size: 9000 })], { 'a.vmdk': null }, []],
    ['compressed', [file('a.vmdk.gz', { size: 700, compression: 'gzip' })], { 'a.vmdk.gz': 700 }, []],
    [
      'in chunks',
      [file('a', { size: 2500, chunkSize: 1000 })],
      {
        'a.000000000': 1000,
        'a.000000001': 1000,
        'a.000000002': 500,
      },
      [],
    ],
    [
      'a chunk missing',
      [file('a', { size: 2500, chunkSize: 1000 })],
      { 'a.000000000': 1000, 'a.000000002': 500 },
      ['missing-file: a.000000001'],
    ],
    ['chunks that were put together', [file('a', { size: 2500, chunkSize: 1000 })], { a: 2500 }, []],
    [
      'outside',
      [file('../a'), file('/a'), file('C:\\a'), file('file:///a'), file('%2e%2e/a')],
      { a: 1 },
      ['outside: ../a', 'outside: /a', 'outside: C:\\a', 'outside: file:///a', 'outside: %2e%2e/a'],
    ],
    ['in a folder', [file('disks/a.vmdk')], {}, []],
    ['in this very folder', [file('./a.vmdk')], { 'a.vmdk': 600 }, []],
  ])('%s', (_, files, siblings, reasons) => {
    const judged = judgeState(ovf, described(files), beside(siblings));
    expect(judged).toMatchObject({ reasons, state: reasons.length === 0 ? 'ok' : 'incomplete' });
  });

  test('another size, and a file in a folder, are noted', () => {
    const files = [file('a.vmdk', { size: '9007199254740993' }), file('disks/b.vmdk')];
    expect(judgeState(ovf, described(files, [], ['odd']), beside({ 'a.vmdk': 8000 })).notes).toEqual([
      'odd',
      'a.vmdk has 8000 bytes; the descriptor says 9007199254740993',
      'disks/b.vmdk is in a folder, which was not looked into',
    ]);
  });

  test('whether it deploys is unknown as long as the files are', () => {
    expect(judgeState(ovf, described([file('a.vmdk')]), null)).toMatchObject({ state: 'unknown', reasons: [] });
    expect(judgeState(ovf, described([]), null)).toMatchObject({ state: 'ok' });
    expect(judgeState(ovf, described([file('../a'), file('b')]), null)).toMatchObject({ state: 'incomplete' });
  });

  test('any number of references is told in bounds', () => {
    const files = Array.from({ length: 5000 }, (_, index) => file(`${index}.vmdk`));
    const { reasons } = judgeState(ovf, described(files), []);
    expect(reasons).toHaveLength(101);
    expect(reasons.at(-1)).toBe('and more like these: 4900');
  });
});
