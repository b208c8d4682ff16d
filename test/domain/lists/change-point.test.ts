import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChangePoint,
  changesFrom,
  endOfHistory,
  GONE_REASONS,
  pointAfter,
  readPoint,
  sayGone,
  writePoint,
} from '../../../src/domain/lists/change-point.js';

const RUN = 'a1b2c3d4e5f6';
const EARLIER = '0123456789ab';
const OTHER = 'ffffffffffff';

const history = { run: RUN, hasRun: (run: string) => run === EARLIER, space: 3, revision: 20, forgotten: 8 };
const at = (point: Partial<ChangePoint>): ChangePoint => ({
  run: RUN,
  space: 3,
  revision: 10,
  upTo: null,
  begun: 0,
  ...point,
});
const BEGINNING = { revision: 0, after: 0, removedAfter: 20 };

describe('where changes are read from', () => {
  it.each([
    ['without a point from the beginning, and removals up to now are no news', null, BEGINNING],
    ['from the beginning for whoever knew of no space', at({ space: 0, revision: 0 }), BEGINNING],
    ['behind a revision that is known', at({}), { revision: 11, after: 0, removedAfter: 10 }],
    ['in the middle of a revision', at({ upTo: 7 }), { revision: 10, after: 7, removedAfter: 9 }],
    [
      'in the first reading, without the removals before it',
      at({ revision: 2, upTo: 7, begun: 15 }),
      { revision: 2, after: 7, removedAfter: 15 },
    ],
    ['in an earlier run of the same history', at({ run: EARLIER }), { revision: 11, after: 0, removedAfter: 10 }],
    ['at the end', at({ revision: 20 }), { revision: 21, after: 0, removedAfter: 20 }],
    ['at the last removal that is forgotten', at({ revision: 8 }), { revision: 9, after: 0, removedAfter: 8 }],
    ['nowhere in another history', at({ run: OTHER }), 'other-history'],
    ['nowhere in another history, not even without a space', at({ run: OTHER, space: 0 }), 'other-history'],
    ['nowhere beyond what is written', at({ revision: 21 }), 'other-history'],
    ['nowhere for who began beyond what is written', at({ upTo: 1, begun: 21 }), 'other-history'],
    ['nowhere in a space that is another one', at({ space: 4 }), 'other-space'],
    ['nowhere before a removal that is forgotten', at({ revision: 7 }), 'forgotten'],
    ['nowhere in the middle of the revision of one', at({ revision: 8, upTo: 1 }), 'forgotten'],
    ['nowhere if that followed the beginning', at({ revision: 2, upTo: 1, begun: 7 }), 'forgotten'],
  ] as const)('is %s', (_, point, expected) => {
    expect(changesFrom(point, history)).toEqual(expected);
  });

  it('is nowhere if the space is gone', () => {
    expect(changesFrom(at({}), { ...history, space: 0, revision: 0, forgotten: 0 })).toBe('other-space');
  });
});

describe('the point after an image', () => {
  it('keeps in mind with what revision a reader began until that is passed', () => {
    const from = { revision: 2, after: 0, removedAfter: 15 };
    expect(pointAfter(history, from, { id: 4, revision: 15 })).toEqual(at({ revision: 15, upTo: 4, begun: 15 }));
    expect(pointAfter(history, from, { id: 4, revision: 16 })).toEqual(at({ revision: 16, upTo: 4 }));
  });

  it('is at last that of the space', () => {
    expect(endOfHistory(history)).toEqual(at({ revision: 20 }));
  });
});

describe('a point as clients carry it', () => {
  const number = fc.maxSafeNat();
  const point = fc.record({
    run: fc.constantFrom(RUN, EARLIER),
    space: fc.nat(),
    revision: fc.nat(),
    upTo: fc.option(number.filter((id) => id < 36 ** 10)),
    begun: fc.nat(),
  });

  it('is read as it was written, and short', () => {
    fc.assert(
      fc.property(point, (given) => {
        const written = given.upTo === null ? { ...given, begun: 0 } : given;
        const text = writePoint(written);
        expect(readPoint(text)).toEqual(written);
        expect(text).toMatch(/^[\da-z-]{1,60}$/);
      }),
    );
  });

  it.each([
    '',
    '0',
    RUN,
    `${RUN}-3`,
    `${RUN}-3-a-1`,
    `${RUN}-3-a-1-2-3`,
    `${RUN}--1-2`,
    `${RUN}-3-12345678901`,
    'A1B2C3D4E5F6-3-a',
    `${RUN}-3-a\n`,
  ])('is refused if it is %j', (text) => {
    expect(() => readPoint(text)).toThrow(
      /^since: .* is no point that an answer has named; allowed is meta\.next_since/s,
    );
  });

  it('is refused by the name of the header that it came in', () => {
    expect(() => readPoint('x', 'Last-Event-ID')).toThrow(
      /^Last-Event-ID: "x" .* allowed is the id of an earlier event/,
    );
    expect(sayGone('a-1-2', 'forgotten', 'Last-Event-ID')).toMatch(/^Last-Event-ID: .* anew without Last-Event-ID$/);
  });

  it.each(GONE_REASONS)('is refused with a reason and what to do: %s', (reason) => {
    expect(sayGone('a-1-2', reason)).toMatch(
      /^since: "a-1-2" is of an? .*|is older .*; drop what you have, and begin anew without since$/,
    );
  });
});
