import { describe, expect, it } from 'vitest';
import { isImageName, nameKey } from '../../../src/domain/model/image.js';

describe('isImageName', () => {
  it.each(['x.ova', 'x.ovf', 'X.OVA', 'x.OvF', '.ova.ova', 'ubuntu 22.04.ova', '.hidden.ova'])('takes %s', (name) => {
    expect(isImageName(name)).toBe(true);
  });

  it.each([
    'x.iso',
    'x.ova.part',
    'x.ova.ocTransferId123.part',
    'x.ova.filepart',
    'x.ova.partial',
    'x.ova.crdownload',
    '._x.ova',
    'ova',
    'x.ovas',
    'x.ova ',
  ])('leaves %s', (name) => {
    expect(isImageName(name)).toBe(false);
  });
});

describe('nameKey', () => {
  it('is the same for NFC and NFD twins and for every case', () => {
    expect(nameKey('CAFE\u0301.OVA')).toBe(nameKey('caf\u00e9.ova'));
  });
});
