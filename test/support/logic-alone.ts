import { afterAll, expect } from 'vitest';
import { refuseOutside, takeRefused } from './outside.js';

refuseOutside();

// Set up for every file of unit tests: whatever they test, they opened nothing, and nobody has swallowed that it was refused.
afterAll(() => {
  expect(takeRefused(), 'what a unit test may not open').toEqual([]);
});
