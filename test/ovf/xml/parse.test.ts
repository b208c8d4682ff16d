import { describe, expect, test } from 'vitest';
import { parseXml, XML_LIMITS } from '../../../src/ovf/xml/parse.js';

function parse(text: string | Uint8Array) {
  return parseXml(typeof text === 'string' ? Buffer.from(text) : text);
}

function utf16(text: string, { isBig = false, hasMark = true } = {}): Uint8Array {
  const bytes = Buffer.from(hasMark ? `\ufeff${text}` : text, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
}

describe('an encoding', () => {
  const document = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a>Zürich</a>`;

  test.each<[string, Uint8Array]>([
    ['of UTF-8, undeclared', Buffer.from('<a>Zürich</a>')],
    ['of UTF-8 with its mark', Buffer.from(`\ufeff${document('utf-8')}`)],
    ['declared as UTF-16, though it is UTF-8', Buffer.from(document('utf-16'))],
    ['declared as what .NET calls UTF-16, though it is UTF-8', Buffer.from(document('Unicode'))],
    ['declared as ASCII, though it is UTF-8', Buffer.from(document('US-ASCII'))],
    ['declared as ASCII, though it is Latin-1', Buffer.from(document('ascii'), 'latin1')],
    ['declared in single quotes', Buffer.from("<?xml version='1.0' encoding='latin1' ?><a>Zürich</a>", 'latin1')],
    ['of Latin-1', Buffer.from(document('ISO-8859-1'), 'latin1')],
    ['of Windows', Buffer.from(document('windows-1252'), 'latin1')],
    ['of UTF-16, little end first', utf16(document('utf-16'))],
    ['of UTF-16, big end first', utf16(document('utf-16'), { isBig: true })],
    ['of UTF-16 without a mark', utf16(document('utf-16'), { hasMark: false })],
    ['of UTF-16 without a mark, big end first', utf16(document('utf-16'), { isBig: true, hasMark: false })],
    ['after blanks', Buffer.from(`\r\n\t ${document('utf-8')}`)],
  ])('%s', (_, bytes) => {
    expect(parse(bytes)).toMatchObject({ kind: 'parsed', root: { local: 'a', text: 'Zürich' } });
  });

  test.each(['windows-1252', 'CP1252'])('of Windows has characters where Latin-1 has controls (%s)', (encoding) => {
    const bytes = Buffer.from(
      `<?xml version="1.0" encoding="${encoding}"?><a>\x80 \x93Z\xfcrich\x94 \x9f\x81</a>`,
      'latin1',
    );
    expect(parse(bytes)).toMatchObject({ kind: 'parsed', root: { text: '€ “Zürich” Ÿ\u0081' } });
  });

  test('that nobody knows is invalid, and so are bytes that are not what is declared', () => {
    expect(parse(document('klingon'))).toMatchObject({
      kind: 'invalid-xml',
      detail: 'its encoding is not known: klingon',
    });
    expect(parse(Buffer.from('<a>\xfc</a>', 'latin1'))).toMatchObject({
      kind: 'invalid-xml',
      detail: 'its bytes are not utf-8',
    });
  });
});

describe('a document', () => {
  test('is read with its namespaces, its text with entities and CDATA', () => {
    expect(parse('<o:a xmlns:o="urn:o" o:b="1" c="&lt;&#x41;"><o:d/>x&amp;<![CDATA[<y>]]></o:a>')).toEqual({
      kind: 'parsed',
      undeclared: [],
      root: {
        local: 'a',
        uri: 'urn:o',
        attributes: [
          { prefix: 'o', local: 'b', uri: 'urn:o', value: '1' },
          { prefix: '', local: 'c', uri: '', value: '<A' },
        ],
        children: [{ local: 'd', uri: 'urn:o', attributes: [], children: [], text: '' }],
        text: 'x&<y>',
      },
    });
  });

  const bomb = `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(99)}"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>`;
  test.each<[string, string, string]>([
    ['with a document type', bomb, 'doctype'],
    ['with a document type that is elsewhere', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'doctype'],
    ['with an entity of HTML', '<a>&nbsp;</a>', 'invalid-xml'],
    ['with an attribute twice', '<a b="1" b="2"/>', 'invalid-xml'],
    ['that is cut off', '<a><b>', 'invalid-xml'],
    ['of two roots', '<a/><b/>', 'invalid-xml'],
    ['of nothing', '', 'invalid-xml'],
    ['with a comment before its declaration', '<!-- a --><?xml version="1.0"?><a/>', 'invalid-xml'],
    ['too deep', `${'<a>'.repeat(129)}${'</a>'.repeat(129)}`, 'too-large'],
    ['of too many elements', `<a>${'<b/>'.repeat(200_000)}</a>`, 'too-large'],
    [
      'of an element with too many attributes',
      `<a ${Array.from({ length: 257 }, (_, i) => `a${i}=""`).join(' ')}/>`,
      'too-large',
    ],
  ])('%s is refused', (_, text, kind) => {
    expect(parse(text).kind).toBe(kind);
  });

  test('with prefixes that nobody declares is read, and names them', () => {
    const parsed = parse('<o:a p:b="1"><p:c/><xml:d xmlns:q="urn:q" q:e=""/></o:a>');
    expect(parsed).toMatchObject({ kind: 'parsed', undeclared: ['o', 'p'] });
    expect(parsed.kind === 'parsed' ? parsed.root : null).toMatchObject({ local: 'a', uri: 'o', children: [{}, {}] });
  });

  test('at its bounds is read', () => {
    expect(parse(`${'<a>'.repeat(128)}${'</a>'.repeat(128)}`).kind).toBe('parsed');
    expect(parse(`<a>${'<b/>'.repeat(199_999)}</a>`).kind).toBe('parsed');
  });

  test('keeps no more of a text than its bound', () => {
    const long = 'x'.repeat(100_000);
    const parsed = parse(`<a b="${long}">${long}<c/>${long}</a>`);
    expect(parsed).toMatchObject({ root: { text: 'x'.repeat(65_536), attributes: [{ value: 'x'.repeat(65_536) }] } });
  });

  test('cuts a text between characters', () => {
    const long = `${'x'.repeat(65_535)}😀`;
    const parsed = parse(`<a b="${long}">${long}<c/>😀</a>`);
    expect(parsed).toMatchObject({ root: { text: 'x'.repeat(65_535), attributes: [{ value: 'x'.repeat(65_535) }] } });
  });

  test('that tries to be slow takes time in proportion to its length', () => {
    // Half a megabyte each: what takes quadratic time takes longer than a test may.
    const attacks = [
      `<a>${'&amp;'.repeat(100_000)}</a>`,
      `<a ${'b'.repeat(500_000)}`,
      `<a b="${'&lt;'.repeat(112_500)}"/>`,
      `${'<a xmlns:b="c">'.repeat(127)}${'<b:x/>'.repeat(23_750)}`,
      `<a>${'<![CDATA[]]>'.repeat(37_500)}</a>`,
      `<a>${'<!---->x'.repeat(50_000)}</a>`,
      `<!--${'-'.repeat(500_000)}`,
      `<?x ${'?'.repeat(500_000)}`,
    ];
    const kinds = attacks.map((attack) => parse(attack).kind);
    expect(kinds).toEqual([
      'parsed',
      'invalid-xml',
      'parsed',
      'invalid-xml',
      'parsed',
      'parsed',
      'invalid-xml',
      'invalid-xml',
    ]);
  });

  test('has the bounds that are promised', () => {
    expect(XML_LIMITS).toEqual({ depth: 128, elements: 200_000, attributesOfElement: 256, textLength: 65_536 });
  });
});
