import { describe, expect, it } from 'vitest';
import { packageMajors } from '../../config/deb/package-majors.js';

describe('the package for Debian', () => {
  it.each([
    ['20', [], ['20']],
    ['20', ['22'], ['20', '22']],
    ['22', ['20'], ['20', '22']],
    ['20', ['20', '22', '22'], ['20', '22']],
    ['20', ['24'], ['24']],
    ['22', ['24', '24'], ['24']],
    ['24', [], ['24']],
    ['24', ['24'], ['24']],
  ] as const)('built by Node %s with --node %j is for %j', (own, asked, majors) => {
    expect(packageMajors(own, asked)).toEqual(majors);
  });

  it.each([
    ['20', ['22', '24'], /Node 24 has a package of its own/],
    ['20', ['24', '20'], /Node 24 has a package of its own/],
    ['24', ['22'], /build this package with Node 20 or 22, not with Node 24/],
    ['20', ['18'], /Node "18" .* use one of 20, 22, 24/],
    ['20', ['22.1'], /Node "22\.1"/],
    ['20', ['nought'], /Node "nought"/],
    ['21', [], /Node "21"/],
  ] as const)('built by Node %s with --node %j is refused', (own, asked, told) => {
    expect(() => packageMajors(own, asked)).toThrow(told);
  });
});
