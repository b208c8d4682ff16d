import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

/** What the script of plots makes of numbers. */
interface PlotValues {
  seen(values: readonly number[]): number[];
  axisText(value: number, unit: string): string;
  stepsOf(unit: string): number[];
  markText(seconds: number, step: number): string;
  roomAround(times: readonly number[]): number;
}

const SCRIPT = pathToFileURL(join(import.meta.dirname, '../../src/browser/console/plot-values.js')).href;
const { seen, axisText, stepsOf, markText, roomAround } = (await import(SCRIPT)) as PlotValues;

it.each([
  [[], []],
  [
    [0, 0],
    [0, 0],
  ],
  [
    [0, 1, 600],
    [0, 10, 600],
  ],
  [
    [30, 600],
    [30, 600],
  ],
])('bars of %j are seen as %j', (values, shown) => {
  expect(seen(values)).toEqual(shown);
});

it.each([
  [0, 'count', '0'],
  [950, 'count', '950'],
  [1_500, 'count', '1.5K'],
  [2_000_000, 'count', '2M'],
  [0, 'bytes', '0 B'],
  [512, 'bytes', '512 B'],
  [1_536, 'bytes', '1.5 KiB'],
  [2 ** 40, 'bytes', '1 TiB'],
  [2 ** 62, 'bytes', '4100 PiB'],
  [0, 'seconds', '0 s'],
  [0.2 + 0.1, 'seconds', '0.3 s'],
  [90, 'seconds', '1.5 min'],
  [7_200, 'seconds', '2 h'],
])('%d as %s is "%s" at an axis', (value, unit, text) => {
  expect(axisText(value, unit)).toBe(text);
});

it.each(['count', 'bytes', 'seconds'])('steps of %s rise, each to a number that reads well', (unit) => {
  const steps = stepsOf(unit);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(new Set(steps).size).toBe(steps.length);
  if (unit !== 'seconds') expect(steps.every(Number.isInteger), 'there are no halves of it').toBe(true);
});

const [NOON, MIDNIGHT] = [12, 0].map((hour) => new Date(2026, 10, 24, hour).getTime() / 1_000) as [number, number];
it.each([
  [NOON, 3_600, /12:00/],
  [MIDNIGHT, 3_600, /24/],
  [NOON, 86_400, /24/],
  [NOON, 30 * 86_400, /2026/],
])('the mark at %d, %d s before the next, is %s', (seconds, step, pattern) => {
  expect(markText(seconds, step)).toMatch(pattern);
});

it.each([
  [[], 43_200],
  [[7], 43_200],
  [[0, 3_600, 7_200], 1_800],
  [[0, 1, 1_000], 20],
])('bars at %j have %d s around them', (times, seconds) => {
  expect(roomAround(times)).toBe(seconds);
});
