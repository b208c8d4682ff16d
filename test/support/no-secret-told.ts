import { afterAll, expect } from 'vitest';
import { takeLeaks } from './secrets.js';

// Set up for every test file: whatever secrets its tests use, no output and no log that was overheard shows one.
afterAll(() => {
  expect(takeLeaks(), 'secrets in outputs').toEqual([]);
});
