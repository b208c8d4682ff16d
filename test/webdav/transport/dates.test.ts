import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDate } from '../../../src/webdav/transport/dates.js';
import { runsOf } from '../../support/thorough.js';

const EXPECTED = Date.UTC(2017, 4, 7, 15, 31, 58);

test.for([
  'Sun, 07 May 2017 15:31:58 GMT', // RFC 9110
  'Sun, 07 May 2017 15:31:58 +0000', // mydrive.ch
  'Sun, 07 May 2017 17:31:58 +0200',
  'Sun, 07 May 2017 15:31:58 UTC', // Reva
  'Sun, 7 May 2017 15:31:58 GMT', // rclone#2574
  'Sunday, 07-May-17 15:31:58 GMT', // RFC 850
  'Sun May  7 15:31:58 2017', // asctime
  'Sun May  7 15:31:58 UTC 2017', // date
  '2017-05-07T15:31:58Z', // oCIS
  '2017-05-07T15:31:58.123Z',
  '2017-05-07T17:31:58+02:00',
  '  Sun, 07 May 2017 15:31:58 GMT\n',
])('reads %j', (text) => {
  expect(parseDate(text)).toBe(EXPECTED);
});

test.for([
  '',
  'yesterday',
  '0',
  '2017-13-07T15:31:58Z',
  'Sun, 07 Foo 2017 15:31:58 GMT',
  'Sun May  7 25:31:58 2017',
  'Thu, 30 Feb 2017 15:31:58 GMT', // no such day
  'Sun, 00 May 2017 15:31:58 GMT',
  'Sun, 07 May 2017 24:00:00 GMT',
  'Mon, 01 Jan 0001 00:00:00 GMT', // no date at all to a program in Go or .NET
  'Mon, 1 Jan 0001 00:00:00 +0000',
  'Mon Jan  1 00:00:00 0001',
  '0001-01-01T00:00:00Z',
  'Sat, 01 Jan 0000 00:00:00 GMT',
])('makes nothing of %j', (text) => {
  expect(parseDate(text)).toBeNull();
});

test('a second that leaps is one', () => {
  expect(parseDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2017, 0, 1));
});

test('two digits of a year turn at 69', () => {
  expect(parseDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
  expect(parseDate('Sunday, 06-Nov-68 08:49:37 GMT')).toBe(Date.UTC(2068, 10, 6, 8, 49, 37));
});

test("a day that exists, written as RFC 9110 wants it, means what it means to the engine's own parser; any other nothing", () => {
  const digits = (most: number, length = 2) =>
    fc.integer({ min: 0, max: most }).map((n) => `${n}`.padStart(length, '0'));
  const month = fc.constantFrom(
    'Jan',
    'Feb',
    'Mar',
    'Apr',
    'May',
    'Jun',
    'Jul',
    'Aug',
    'Sep',
    'Oct',
    'Nov',
    'Dec',
    'Foo',
    'Anf',
  );
  const year = fc.integer({ min: 1_000, max: 9_999 }).map(String);
  const parts = fc.tuple(digits(33), month, year, digits(25), digits(59), digits(59));
  fc.assert(
    fc.property(parts, ([day, name, year, hour, minute, second]) => {
      const text = `Sun, ${day} ${name} ${year} ${hour}:${minute}:${second} GMT`;
      const time = Date.parse(text);
      // It takes the days behind the end of a month, and the hour behind that of a day, for the next one.
      const isReal = !Number.isNaN(time) && new Date(time).getUTCDate() === Number(day);
      expect(parseDate(text)).toBe(isReal ? time : null);
    }),
    { numRuns: runsOf(2_000) },
  );
});
