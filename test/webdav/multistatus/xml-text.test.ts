import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createXmlDecoder } from '../../../src/webdav/multistatus/xml-text.js';
import { anyCharacter } from '../../support/any-character.js';

function decode(bytes: Uint8Array, contentType: string | null = null, chunkLength = 1): string {
  const decoder = createXmlDecoder(contentType);
  let text = '';
  for (let i = 0; i < bytes.length; i += chunkLength) text += decoder.decode(bytes.subarray(i, i + chunkLength));
  return text + decoder.end();
}

test.for([
  ['UTF-8 by default', Buffer.from('<a>é</a>'), null],
  ['UTF-8 for ASCII', Buffer.from('<a>é</a>'), 'text/xml; charset=us-ascii'],
  ['UTF-8 for an encoding that nobody knows', Buffer.from('<a>é</a>'), 'text/xml; charset="x-none"'],
  ['the charset of the header', Buffer.from('<a>é</a>', 'latin1'), 'text/xml; charset="ISO-8859-1"'],
  ['UTF-8 that the header calls UTF-16', Buffer.from('<a>é</a>'), 'text/xml; charset=utf-16'],
  ['UTF-8 that the header calls UCS-2', Buffer.from('<a>é</a>'), 'text/xml; charset=ISO-10646-UCS-2'],
  ['UTF-16 that the header calls UTF-8', Buffer.from('<a>é</a>', 'utf16le'), 'text/xml; charset=utf-8'],
  ['UTF-16 in the other order', Buffer.from('<a>é</a>', 'utf16le').swap16(), 'text/xml; charset=utf-16'],
  ['UTF-16 without a word', Buffer.from('<a>é</a>', 'utf16le').swap16(), null],
  ['a mark of the other order', Buffer.from('\ufeff<a>é</a>', 'utf16le').swap16(), 'text/xml; charset=utf-16le'],
  ['a byte order mark', Buffer.from('\ufeff<a>é</a>', 'utf16le'), 'text/xml; charset=utf-8'],
] as const)('decodes %s', ([, bytes, contentType]) => {
  expect(decode(bytes, contentType).replace('\ufeff', '')).toBe('<a>é</a>');
});

test('decodes by the XML declaration where the header says nothing', () => {
  const document = '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>';
  expect(decode(Buffer.from(document, 'latin1'), 'text/xml')).toBe(document);
});

test.for(['utf-16', 'UTF-16LE', 'utf-16be', 'ucs-2', 'unicode'])(
  'reads UTF-8 that declares %s as what it is',
  (declared) => {
    const document = `<?xml version="1.0" encoding="${declared}"?><a>é</a>`;
    expect(decode(Buffer.from(document), 'text/xml')).toBe(document);
    expect(decode(Buffer.from(`\n${document}`), 'text/xml')).toBe(`\n${document}`);
  },
);

test('reads UTF-16 that declares UTF-8 as what it is', () => {
  const document = '<?xml version="1.0" encoding="utf-8"?><a>é</a>';
  expect(decode(Buffer.from(document, 'utf16le'))).toBe(document);
});

test('writes a byte that is not UTF-8 as an escape of an href', () => {
  const bytes = Buffer.concat([
    Buffer.from(`<a>${'é'.repeat(200)}`),
    Buffer.of(0xe9, 0x41),
    Buffer.from('😀'),
    Buffer.of(0xe2),
  ]);
  expect(decode(bytes)).toBe(`<a>${'é'.repeat(200)}%E9A😀%E2`);
});

test('the edges of chunks make no difference', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter, minLength: 100, maxLength: 300 }),
      fc.integer({ min: 1, max: 300 }),
      (text, length) => {
        const bytes = Buffer.from(`<?xml version="1.0"?>${text}`);
        expect(decode(bytes, null, length)).toBe(decode(bytes, null, bytes.length));
      },
    ),
  );
});
