import { describe, expect, it } from 'vitest';
import { flawOfUserFileName, type UserFileFlaw } from '../../../src/domain/policy/user-file.js';

describe('the name of a file in a folder of credentials', () => {
  it.each<[string, UserFileFlaw | null]>([
    ['jm', null],
    ['käthe', null],
    ['o’neill.j@example.org', null],
    ['with space', null],
    ['a.b-c_d', null],
    ['tilde~x', null],
    ['.jm.swp', 'hidden'],
    ['..data', 'hidden'],
    ['.#jm', 'hidden'],
    ['jm~', 'backup'],
    ['#jm#', 'backup'],
    ['jm.swp', 'backup'],
    ['jm.bak', 'backup'],
    ['jm.tmp', 'backup'],
    ['jm.dpkg-old', 'backup'],
    ['jm.rpmsave', 'backup'],
    [' jm', 'name'],
    ['jm\n', 'name'],
    ['bytes\uFFFD', 'name'],
    ['x'.repeat(1_025), 'name'],
  ])('%j: %s', (name, flaw) => {
    expect(flawOfUserFileName(name)).toBe(flaw);
  });
});
