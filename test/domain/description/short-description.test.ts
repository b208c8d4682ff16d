import { expect, test } from 'vitest';
import { shortOf } from '../../../src/domain/description/short-description.js';
import { EMPTY_DESCRIPTOR } from '../../support/ovf/empty-descriptor.js';

const shortWith = (text: string) => {
  const os = { id: null, description: text, version: null, vmwOsType: null, vboxOsType: null };
  const descriptor = { ...EMPTY_DESCRIPTOR, product: text, version: text, os };
  return shortOf({ kind: 'described', descriptor, reasons: [], notes: [] });
};

test.each([
  ['of 256 characters is told whole', 'x'.repeat(256), 'x'.repeat(256)],
  ['of more is cut', 'x'.repeat(60_000), `${'x'.repeat(256)}…`],
  ['is not cut within a character', `${'x'.repeat(255)}😀`, `${'x'.repeat(255)}…`],
])('in a list a text %s', (_, text, shown) => {
  expect(shortWith(text)).toMatchObject({ product: shown, version: shown, os: shown });
});
