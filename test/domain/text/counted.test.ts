import { expect, it } from 'vitest';
import { agreeing, counted, countedOf, grouped } from '../../../src/domain/text/counted.js';

it.each([
  [0, '0 spaces are gone'],
  [1, '1 space is gone'],
  [5_000, '5,000 spaces are gone'],
])('what is said of %i agrees with it', (count, said) => {
  expect(`${counted(count, 'space')} ${agreeing(count, 'is', 'are')} gone`).toBe(said);
});

it.each([
  [1, 62, '1 of 62 images is gone'],
  [62, 62, '62 of 62 images are gone'],
  [1, 1, '1 of 1 image is gone'],
  [1_200, 5_000, '1,200 of 5,000 images are gone'],
])('what is said of %i of %i agrees with the first', (part, whole, said) => {
  expect(`${countedOf(part, whole, 'image')} ${agreeing(part, 'is', 'are')} gone`).toBe(said);
});

it.each([0, 7, 999, 1_000, 4_988, 99_999, 100_000, 1_234_567, 1e15, -1, -100, -4_988])(
  'digits of %i are grouped as in English',
  (count) => {
    expect(grouped(count)).toBe(count.toLocaleString('en-US'));
  },
);
