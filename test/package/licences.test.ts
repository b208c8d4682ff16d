import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONSOLE_PACKAGE_FILES } from '../../src/console/assets.js';
import { DOCS_ASSETS } from '../../src/http/openapi/docs-assets.js';

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** They ask for their notice to be kept, and for nothing of the program that uses them. */
const OF_ALL = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Zlib'];
/** Of tools that are no part of an installation: MPL asks for its own files, and nobody gives those away changed. */
const OF_TOOLS = [...OF_ALL, 'MPL-2.0', 'PSF-2.0'];

/** Whether an SPDX expression without exceptions is met: one side of an OR, both of an AND. */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const plain = expression.replace(/[()]/g, '');
  return plain.split(' OR ').some((each) => each.split(' AND ').every((licence) => allowed.includes(licence.trim())));
}

const lock = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('the licence of every package that is installed or given to browsers', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND GPL-3.0-only', false],
    ['AGPL-3.0-only', false],
    ['none', false],
  ])('%s is one that anybody may use: %s', (expression, isOne) => {
    expect(isAllowed(expression, OF_ALL)).toBe(isOne);
  });

  it('is told, and lets anybody use it, of what the build lays beside the program', () => {
    const ofDocs = DOCS_ASSETS.flatMap(({ from }) => (typeof from === 'string' ? [] : [from]));
    const given = [...ofDocs, ...CONSOLE_PACKAGE_FILES].map((from) => from.package);
    expect(given.length).toBeGreaterThan(0);
    const licences = given.map((name) => lock.packages[`node_modules/${name}`]?.license ?? 'none');
    expect(licences.filter((licence) => !isAllowed(licence, OF_ALL))).toEqual([]);
  });

  it('is told, and lets anybody use it', () => {
    expect(packages.length).toBeGreaterThan(100);
    const others = packages
      .map(([path, { license = 'none', dev, devOptional }]) => ({ path, license, isTool: dev ?? devOptional ?? false }))
      .filter(({ license, isTool }) => !isAllowed(license, isTool ? OF_TOOLS : OF_ALL));
    expect(others).toEqual([]);
  });
});
