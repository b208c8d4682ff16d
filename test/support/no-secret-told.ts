import { afterAll, expect } from 'vitest';
import { forgetSecrets, takeLeaks } from './secrets.js';

// Set up for every test file: whatever secrets its tests use, no output and no log that was overheard shows one.
afterAll(() => {
  const leaks = takeLeaks();
  forgetSecrets();
  expect(leaks, 'secrets in outputs').toEqual([]);
});
