import { describe, expect, it } from 'vitest';
import { readInstant } from '../../src/domain/instant.js';

const at = Date.UTC(2026, 2, 2, 10, 3, 0);

describe('readInstant', () => {
  it.each([
    ['2026-03-02T10:03:00Z', at],
    ['2026-03-02t10:03:00z', at],
    ['2026-03-02 10:03:00Z', at],
    ['2026-03-02T10:03:00.000Z', at],
    ['2026-03-02T10:03:00.5Z', at + 500],
    ['2026-03-02T10:03:00.123456789Z', at + 123],
    ['2026-03-02T12:03:00+02:00', at],
    ['2026-03-02T12:03:00 02:00', at], // a plus that was not percent-encoded
    ['2026-03-02T05:33:00-04:30', at],
    ['1772445780', at],
    ['1772445780.25', at + 250],
    ['0', 0],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('reads %s', (text, expected) => expect(readInstant(text)).toBe(expected));

  it.each([
    '',
    'now',
    '2026-03-02',
    '2026-03-02T10:03:00', // no offset: whose clock?
    '2026-03-02T10:03Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-02T25:00:00Z',
    '2026-03-02T10:03:00+25:00',
    '-1',
    '1e9',
    '999999999999', // beyond the year 9999
    'Mon, 02 Mar 2026 10:03:00 GMT',
  ])('refuses "%s"', (text) => expect(readInstant(text)).toBeNull());
});
