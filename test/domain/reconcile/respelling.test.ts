import { describe, expect, it } from 'vitest';
import { settleNames } from '../../../src/domain/reconcile/respelling.js';

const present = (name: string) => ({ name, isPresent: true });
const doubtful = (name: string) => ({ name, isPresent: false });
const NFC = 'k\u00e4the';
const NFD = 'ka\u0308the';

describe('settleNames', () => {
  it.each([
    ['a first listing', ['jm', 'lab'], [], [], ['jm', 'lab'], []],
    ['two spellings that are both listed', ['jm', 'JM'], [], ['jm'], ['jm', 'JM'], []],
    ['a folder renamed in case', ['JM', 'lab'], [present('jm')], ['jm', 'lab'], ['lab', 'jm'], [['jm', 'JM']]],
    ['a folder renamed to another form', [NFD], [present(NFC)], [NFC], [NFC], [[NFC, NFD]]],
    ['one renamed in doubt', ['JM'], [doubtful('jm')], ['jm'], ['jm'], [['jm', 'JM']]],
    ['one renamed and proven gone', ['JM'], [], ['jm'], ['JM'], []],
    ['both known since before', ['JM'], [present('jm')], ['jm', 'JM'], ['jm'], [['jm', 'JM']]],
    ['both known, the listed one first', ['JM'], [present('jm')], ['JM', 'jm'], ['JM'], []],
    ['both known, one in doubt', ['JM'], [doubtful('jm')], ['jm', 'JM'], ['JM', 'jm'], []],
    ['a third spelling', ['jM'], [present('Jm'), present('jm')], ['jm', 'Jm'], ['jm'], [['jm', 'jM']]],
    ['two listed and a third that answers', ['jM', 'JM'], [present('jm')], ['jm'], ['jM', 'JM', 'jm'], []],
    [
      'one that is not listed',
      ['lab'],
      [present('jm'), doubtful('kim')],
      ['jm', 'kim', 'lab'],
      ['lab', 'jm', 'kim'],
      [],
    ],
    ['one that is listed twice', ['jm', 'jm'], [], [], ['jm'], []],
  ] as const)('of %s', (_, listed, unlisted, known, names, respelled) => {
    expect(settleNames(listed, unlisted, known)).toEqual({
      names,
      respelled: respelled.map(([before, now]) => ({ known: before, listed: now })),
    });
  });
});
