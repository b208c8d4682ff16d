import { expect, test } from 'vitest';
import { parseManifest } from '../../../src/ovf/manifest/parse-manifest.js';
import { genuineFiles, whyNoGenuine } from '../../support/ovf/genuine.js';
import { describeInstalled } from '../../support/process/installed.js';

const SHA1 = '0123456789abcdef0123456789abcdef01234567';
const SHA256 = `${SHA1}${'0'.repeat(24)}`;
const SHA512 = `${SHA256}${SHA256}`;

test.each([
  [`SHA1(a.ovf)= ${SHA1}\n`, 'a.ovf', 'sha1'],
  [`SHA1 (a.ovf) = ${SHA1}`, 'a.ovf', 'sha1'],
  [`SHA256(a b (1).vmdk)=${SHA256.toUpperCase()}\r\n`, 'a b (1).vmdk', 'sha256'],
  [`sha-512(a)= ${SHA512}`, 'a', 'sha512'],
  [`SHA2-256(a)= ${SHA256}`, 'a', 'sha256'],
  [`SHA2-512(a)= ${SHA512}`, 'a', 'sha512'],
  [`${SHA1}  a.ovf\n`, 'a.ovf', 'sha1'],
  [`${SHA256} *disks/a\n`, 'disks/a', 'sha256'],
  [`\ufeff\nSHA1(a)= ${SHA1}\n\n`, 'a', 'sha1'],
] as const)('%j is understood', (text, name, algorithm) => {
  const sum = { sha1: SHA1, sha256: SHA256, sha512: SHA512 }[algorithm];
  expect(parseManifest(text)).toEqual({ entries: [{ name, algorithm, sum }], strange: [] });
});

test.each([
  `SHA256(a)= ${SHA1}`,
  `MD5(a)= ${SHA1}`,
  `SHA2-1(a)= ${SHA1}`,
  `SHA3-256(a)= ${SHA256}`,
  'hello',
  `SHA1()= ${SHA1}`,
  `${SHA1}`,
])('%j is strange', (line) => {
  expect(parseManifest(`${line}\n`)).toEqual({ entries: [], strange: [line] });
});

describeInstalled('genuine manifests', [whyNoGenuine], () => {
  test.each(genuineFiles().filter(({ kind }) => kind === 'mf'))('$file is understood', ({ bytes, lines }) => {
    const { entries, strange } = parseManifest(bytes.toString());
    expect(strange).toEqual([]);
    expect(entries.map(({ name, sum }) => [name, sum])).toEqual(lines.map(([, name, sum]) => [name, sum]));
    for (const [index, [algorithm]] of lines.entries()) {
      if (algorithm.startsWith('SHA')) expect(entries[index]?.algorithm).toBe(algorithm.toLowerCase());
    }
  });
});
