import { describe, expect, it } from 'vitest';
import { diagnoseOutages } from '../../../src/domain/diagnosis/diagnose-outages.js';

const DAV = 'https://dav.example.org';
const outage = (storage: string, isContradicted: boolean, since = 0, detail = 'no answer within 10 s') => {
  return { storage, isContradicted, since, detail };
};

describe('outages that crawlers tell each other of', () => {
  it.each([
    ['none', []],
    ['one of the storage itself', [outage(DAV, false), outage(DAV, false)]],
  ])('need no word: %s', (_case, told) => {
    expect(diagnoseOutages(told)).toEqual([]);
  });

  it('are told where other crawlers are answered, once for each storage, with the first of them', () => {
    const told = [
      outage(DAV, true, 60_000, 'PROPFIND /b: connection refused'),
      outage(DAV, true, 1_000, 'PROPFIND /a: no answer'),
      outage(DAV, false, 0),
      outage('https://other.example.org by http://proxy.example.org', true, 2_000),
    ];
    expect(diagnoseOutages(told)).toMatchObject([
      {
        area: 'storage',
        subject: DAV,
        severity: 'warning',
        message: 'answers other crawlers, but not 2 crawlers, since 1970-01-01T00:00:01.000Z: PROPFIND /a: no answer',
        action: expect.stringContaining('ovadex_storages_down'),
      },
      {
        subject: 'https://other.example.org by http://proxy.example.org',
        message: expect.stringContaining('but not 1 crawler, since 1970-01-01T00:00:02.000Z'),
      },
    ]);
  });
});
