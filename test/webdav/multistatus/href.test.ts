import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathFromBytes, type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import {
  collectionHref,
  createHrefReader,
  hrefFromPath,
  leastEncoded,
  wholeEncoded,
} from '../../../src/webdav/multistatus/href.js';

const read = (href: string, basePath = '/dav/jm/', collection = 'images') =>
  createHrefReader(basePath, collection as ResourcePath)(href);

describe('the path of an href', () => {
  test.for([
    ['a plain name', '/dav/jm/images/x.ova', 'images/x.ova'],
    ['a collection', '/dav/jm/images/old/', 'images/old'],
    ['the collection itself', '/dav/jm/images/', 'images'],
    ['the collection itself without its slash', '/dav/jm/images', 'images'],
    ['the root', '/dav/jm/', ''],
    ['the root without its slash', '/dav/jm', ''],
    ['an absolute URL', 'http://dav.example.org/dav/jm/images/x.ova', 'images/x.ova'],
    ['an absolute URL of a host behind a proxy', 'HTTP://10.0.0.1:8080/dav/jm/images/x.ova', 'images/x.ova'],
    ['upper-case and lower-case hex digits', '/dav/jm/images/%c3%A9.ova', 'images/é.ova'],
    ['characters that need no encoding, encoded', '/dav/jm/images/%40at%24%2Dx.ova', 'images/@at$-x.ova'],
    ['a base that is encoded', '/%64av/jm/images/x.ova', 'images/x.ova'],
    ['encoded slashes', '/%64av%2fjm%2Fimages%2fx.ova', 'images/x.ova'],
    ['a plus', '/dav/jm/images/a+b.ova', 'images/a+b.ova'],
    ['an encoded plus', '/dav/jm/images/a%2Bb.ova', 'images/a+b.ova'],
    ['an encoded percent sign, decoded once', '/dav/jm/images/two%2520words.ova', 'images/two%20words.ova'],
    ['a lone percent sign', '/dav/jm/images/100%.ova', 'images/100%.ova'],
    ['a percent sign in front of an escape', '/dav/jm/images/%%41%4.ova', 'images/%A%4.ova'],
    ['a raw hash and question mark', '/dav/jm/images/hash#q?.ova', 'images/hash#q?.ova'],
    ['raw blanks', '/dav/jm/images/a b.ova', 'images/a b.ova'],
    ['raw characters beyond ASCII', '/dav/jm/images/é-😀.ova', 'images/é-😀.ova'],
    ['bytes that are not UTF-8', '/dav/jm/images/latin1-%e9.ova', 'images/latin1-\u201BE9.ova'],
    ['NFD, as it is', '/dav/jm/images/e%cc%81.ova', 'images/e\u0301.ova'],
    ['several slashes in front', '//dav/jm/images/x.ova', 'images/x.ova'],
    ['several slashes between', '/dav/jm//images//x.ova', 'images/x.ova'],
    ['a name that looks like a scheme', '/dav/jm/images/http:x.ova', 'images/http:x.ova'],
    ['names that begin with dots', '/dav/jm/images/...x.ova', 'images/...x.ova'],
    ['a member of another collection', '/dav/jm/other/x.ova', 'other/x.ova'],
  ] as const)('%s', ([, href, path]) => {
    expect(read(href)).toBe(path);
  });

  test.for([
    ['outside of the base', '/dav/other/x.ova'],
    ['a sibling that begins like the base', '/dav/jmx/x.ova'],
    ['above the base', '/dav/'],
    ['another host without a path', 'http://dav.example.org'],
    ['a relative reference', 'x.ova'],
    ['a way up', '/dav/jm/images/../x.ova'],
    ['an encoded way up', '/dav/jm/images/%2e%2e/x.ova'],
    ['a single dot', '/dav/jm/images/./x.ova'],
    ['a single dot as the name', '/dav/jm/images/.'],
    ['a NUL', '/dav/jm/images/x%00.ova'],
    ['nothing', ''],
  ] as const)('refuses %s', ([, href]) => {
    expect(read(href)).toMatchObject({ reason: expect.any(String) });
  });

  test('compares the base by its decoded bytes', () => {
    expect(read('/caf%c3%a9/a%20b/x.ova', '/caf%C3%A9/a b/', '')).toBe('x.ova');
  });

  test.for([
    ['a query behind an image', '/dav/jm/images/w.ova?rev=3', 'images/w.ova'],
    ['an image whose name looks like a query', '/dav/jm/images/w.ova?rev=3.ova', 'images/w.ova?rev=3.ova'],
    ['a name that merely holds a question mark', '/dav/jm/images/what?.ova', 'images/what?.ova'],
    ['an ending that is none of an image', '/dav/jm/images/w.ova?v2', 'images/w.ova?v2'],
    ['a folder that begins with a question mark', '/dav/jm/?first/', '?first'],
    ['what lies in it', '/dav/jm/?first/x.ova', '?first/x.ova'],
    ['what lies in a folder with a key and a value', '/dav/jm/?a=b/x.ova', '?a=b/x.ova'],
  ] as const)('tells a query from a name: %s', ([, href, path]) => {
    expect(read(href)).toBe(path);
  });

  test('knows a space at the root of its host', () => {
    expect(read('/', '/', '')).toBe(ROOT);
    expect(read('//', '/', '')).toBe(ROOT);
    expect(read('/x.ova', '/', '')).toBe('x.ova');
    expect(read('http://dav.example.org', '/', '')).toBe(ROOT);
  });
});

describe('the href of a path', () => {
  test.for([
    ['', ''],
    ['images/x-1_2~3.ova', 'images/x-1_2~3.ova'],
    ['a b+c%d#e?f&g.ova', 'a%20b+c%25d%23e%3Ff&g.ova'],
    ["!$&'()*+,;=:@", "!$&'()*+,;=:@"],
    ['"<>[]\\^`{|}', '%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D'],
    ['é/latin-\u201BE9', '%C3%A9/latin-%E9'],
  ] as const)('%j is %j', ([path, href]) => {
    expect(hrefFromPath(path as ResourcePath)).toBe(href);
  });

  test('a collection ends in a slash, the root adds nothing', () => {
    expect(collectionHref('a b' as ResourcePath)).toBe('a%20b/');
    expect(collectionHref(ROOT)).toBe('');
  });
});

test.for([
  ['/a%28b%29/%40%7e', '/a(b)/@~'],
  ['/a%2Fb%25%20%3F%c3%a9', '/a%2Fb%25%20%3F%c3%a9'],
  ['/100%/%zz', '/100%/%zz'],
] as const)('%j with as little escaped as can be is %j', ([href, least]) => {
  expect(leastEncoded(href)).toBe(least);
});

test('an href with all escaped that can be is the same to a reader', () => {
  expect(wholeEncoded("/dav/!$&'()*+,;=:@%20/")).toBe('/dav/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40%20/');
});

/** Any bytes that a file system takes as a name. */
const name = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x5f : byte)))
  .filter((bytes) => !['.', '..'].includes(Buffer.from(bytes).toString('latin1')));
const resource = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((names) =>
    pathFromBytes(Buffer.concat(names.flatMap((bytes, i) => (i === 0 ? [bytes] : [Buffer.from('/'), bytes])))),
  );
const basePath = fc.constantFrom('/', '/dav/', '/dav/a%20b/', '/100%/');

test('a path leads to its href and back, whatever bytes are in its name', () => {
  fc.assert(
    fc.property(resource, basePath, (path, base) => {
      expect(read(base + hrefFromPath(path), base, '')).toBe(path);
      expect(read(base + collectionHref(path), base, path)).toBe(path);
      expect(read(base + wholeEncoded(hrefFromPath(path)), base, '')).toBe(path);
    }),
  );
});

test('the way an href is encoded makes no difference', () => {
  fc.assert(
    fc.property(resource, fc.infiniteStream(fc.boolean()), (path, choices) => {
      const encoded = `/dav/a%20b/${hrefFromPath(path)}`.replace(/%..|[^/]/g, (piece) => {
        const isEncoded = choices.next().value;
        if (piece.length === 1) return isEncoded ? `%${Buffer.from(piece).toString('hex')}` : piece;
        const byte = Number.parseInt(piece.slice(1), 16);
        const isRaw = byte > 0x20 && byte < 0x7f && byte !== 0x25;
        return isRaw && isEncoded ? String.fromCharCode(byte) : piece.toLowerCase();
      });
      expect(read(encoded, '/dav/a%20b/', '')).toBe(path);
    }),
  );
});
