import { describe, expect, it } from 'vitest';
import { isOwnForm, type Sender } from '../../../src/console/visit/own-form.js';

const HOST = 'images.example.org';
const ORIGIN = `https://${HOST}`;

const CASES: readonly [Partial<Sender>, string | null, boolean][] = [
  [{ site: 'same-origin' }, null, true],
  [{ site: 'same-origin', origin: ORIGIN, host: HOST }, ORIGIN, true],
  [{ site: 'same-site', origin: 'https://other.example.org' }, ORIGIN, false],
  [{ site: 'cross-site', origin: ORIGIN, host: HOST }, ORIGIN, false],
  // An address that somebody has typed or kept sends no form.
  [{ site: 'none' }, null, false],
  // Browsers before Fetch Metadata.
  [{ origin: ORIGIN, host: HOST }, null, true],
  [{ origin: ORIGIN, host: '127.0.0.1:8080' }, ORIGIN, true],
  [{ origin: ORIGIN, host: '127.0.0.1:8080' }, null, false],
  [{ origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' }, null, true],
  [{ origin: 'https://evil.example', host: HOST }, ORIGIN, false],
  [{ origin: `${ORIGIN}.evil.example`, host: HOST }, ORIGIN, false],
  [{ origin: 'null', host: HOST }, null, false],
  [{ host: HOST }, ORIGIN, false],
  [{}, null, false],
];

describe('a form', () => {
  it.each(CASES)('from %o, served at %s: own is %s', (sender, publicOrigin, isOwn) => {
    expect(isOwnForm({ site: undefined, origin: undefined, host: undefined, ...sender }, publicOrigin)).toBe(isOwn);
  });
});
