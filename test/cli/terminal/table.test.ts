import { expect, test } from 'vitest';
import { formatSize, formatTime, renderTable } from '../../../src/cli/terminal/table.js';

test('aligns columns and lets no cell steer the terminal', () => {
  const columns = [
    { head: 'NAME', value: ({ name }: { name: string; size: number }) => name },
    { head: 'SIZE', align: 'right', value: ({ size }: { name: string; size: number }) => size },
  ] as const;
  const rows = [
    { name: 'a.ova', size: 5 },
    { name: 'ü\n\u001b[31m\u202e.ova', size: 12_345 },
  ];
  expect(renderTable(columns, rows).split('\n')).toEqual([
    `NAME${'SIZE'.padStart(31)}`,
    `a.ova${'5'.padStart(30)}`,
    'ü\\u{a}\\u{1b}[31m\\u{202e}.ova  12345',
  ]);
});

test('counts what a terminal shows: wide characters take two columns, combining ones none', () => {
  const columns = [
    { head: 'NAME', value: ({ name }: { name: string }) => name },
    { head: 'N', align: 'right', value: () => 1 },
  ] as const;
  const rows = [{ name: '東京.ova' }, { name: 'e\u0301.ova' }, { name: 'abcdefghi' }, { name: '' }];
  expect(renderTable(columns, rows).split('\n')).toEqual([
    'NAME       N',
    '東京.ova   1',
    'e\u0301.ova      1',
    'abcdefghi  1',
    '           1',
  ]);
  expect(renderTable(columns, [])).toBe('NAME  N');
});

test.each([
  [null, '-'],
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1.5 * 1024 ** 3, '1.5 GiB'],
  [5000 * 1024 ** 4, '5000.0 TiB'],
])('shows a size of %s as %s', (sizeBytes, expected) => {
  expect(formatSize(sizeBytes)).toBe(expected);
});

test('shows times in UTC to the second', () => {
  expect(formatTime(1_700_000_000_999)).toBe('2023-11-14T22:13:20Z');
  expect(formatTime(null)).toBeNull();
});
