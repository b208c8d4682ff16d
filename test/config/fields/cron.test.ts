import { describe, expect, test } from 'vitest';
import { cronProblem } from '../../../src/config/fields/cron.js';

describe('a cron expression', () => {
  test.each(['* * * * *', '*/15 * * * *', '0 3 * * *', '30 0 3 * * *', '0 0 1-5/2 jan,FEB mon-fri', '0 0 L * *'])(
    'may be %s',
    (expression) => expect(cronProblem(expression)).toBeNull(),
  );

  test.each<[expression: string, problem: string]>([
    ['', 'it has 0 fields, but needs minute, hour, day of the month, month, day of the week'],
    ['often', 'it has 1 field, but needs'],
    ['* * *', 'it has 3 fields, but needs'],
    ['* * * * * * *', 'it has 7 fields, but needs'],
    ['61 * * * *', '"61" is not a valid minute; use 0 to 59,'],
    ['*/0 * * * *', '"*/0" is not a valid minute'],
    ['0 25 * * *', '"25" is not a valid hour; use 0 to 23,'],
    ['0 0 32 * *', '"32" is not a valid day of the month; use 1 to 31,'],
    ['0 0 1 13 *', '"13" is not a valid month; use 1 to 12, jan,'],
    ['0 0 * * 8', '"8" is not a valid day of the week; use 0 to 7'],
    ['60 0 0 * * *', '"60" is not a valid second'],
    ['0 61 0 * * *', '"61" is not a valid minute'],
    ['0 0 31 2 *', 'no month of "2" has a day 31, so it would never run'],
    ['0 0 0 30 feb *', 'no month of "feb" has a day 30, so it would never run'],
    ['61 25 * * *', '"25" is not a valid hour'],
  ])('is refused in plain words: "%s"', (expression, problem) => {
    expect(cronProblem(expression)).toContain(problem);
  });
});
