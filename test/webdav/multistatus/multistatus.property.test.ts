import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MultistatusElements } from '../../../src/webdav/multistatus/elements.js';
import {
  createMultistatusReader,
  DEFAULT_CAPS,
  type ReadCaps,
  type XmlReader,
} from '../../../src/webdav/multistatus/multistatus.js';
import type { MultistatusResponse } from '../../../src/webdav/multistatus/response.js';
import { createStrictXml } from '../../../src/webdav/multistatus/strict-xml.js';
import { anyCharacter } from '../../support/any-character.js';
import { fewRunsOf } from '../../support/thorough.js';

/** What stands between and inside the tags of real answers, and what is plain in another way. */
const PIECES = [
  '',
  '\n',
  ' \t\n ',
  '/images/a%20b.ova',
  '/ä/😀.ova',
  '"12-ab"',
  '&quot;12&quot;',
  '&amp;&lt;&gt;&apos;',
  '&#34;&#x1F600;&#xA;',
  'HTTP/1.1 200 OK',
  'HTTP/1.1 404 Not Found',
  'x'.repeat(40),
] as const;
/** What makes a document special, wrong, or both, depending on where it stands. */
const SPICES = [
  ...['<', '>', '&', '"', "'", '/', '=', ';', ' ', '\r', '\r\n', ']]>', '\u0000', '\u0001', '\ufeff', '\ufffe', 'é'],
  ...['<!-- a > b -->', '<!--', '-->', '<![CDATA[<a>&]]>', '<![CDATA[', '<?php a > b ?>', '<?xml version="1.0"?>'],
  ...[
    '<?xml version="1.1"?>',
    '<!DOCTYPE a>',
    '<!DOCTYPE html>',
    '<!ENTITY a "b">',
    '<a/>',
    '<a>',
    '</a>',
    '</D:prop>',
  ],
  ...['&nbsp;', '&#0;', '&#xD800;', '&#x110000;', '&#99999999;', '&#13;', '&amp', '&;', '&#;', '&#X41;', '&AMP;'],
  ...[' xmlns:D=""', ' xmlns=""', ' xmlns:D="urn:x"', ' xmlns:xml="a"', ' xmlns:xmlns="a"', ' xmlns="urn:x"'],
  ...[' a="1"', ' a="1" a="2"', ' D:a="1" E:a="2"', " a='>'", ' a="<"', ' a="&amp;"', ' a', ' a=1', ' = "1"'],
  ...[' xmlns:a="http://www.w3.org/2000/xmlns/"', ' xmlns:a="http://www.w3.org/XML/1998/namespace"', '<xmlns:a/>'],
  ...['<ä/>', '<D:ä/>', '<a:b:c/>', '<:a/>', '<D:/>', '<x:unbound/>', '< a/>', '<a / >', '<a\n/>', '</ D:prop>'],
] as const;

const piece = fc.constantFrom(...PIECES);
const prefix = fc.constantFrom('D:', 'lp1:', '', 'x:');
const property = fc
  .tuple(prefix, fc.constantFrom('getetag', 'getlastmodified', 'getcontentlength', 'displayname'), piece, fc.nat(3))
  .map(([p, name, text, form]) =>
    form === 0
      ? `<${p}${name}/>`
      : form === 1
        ? `<${p}resourcetype>${text.includes('x') ? '' : `<${p}collection/>`}</${p}resourcetype>`
        : `<${p}${name}${form === 2 ? ' D:dt="rfc1123"' : ''}>${text}</${p}${name}>`,
  );
const propstat = fc
  .tuple(fc.array(property, { maxLength: 4 }), piece, piece)
  .map(
    ([properties, status, blank]) =>
      `<D:propstat>${blank}<D:prop>${properties.join('\n')}</D:prop><D:status>${status}</D:status></D:propstat>`,
  );
const response = fc
  .tuple(fc.constantFrom('', ' xmlns:lp1="DAV:"', ' xmlns:x="urn:x" xmlns="DAV:"'), piece, fc.array(propstat))
  .map(([attributes, href, propstats]) => {
    return `<D:response${attributes}>\n<D:href>${href}</D:href>\n${propstats.join('\n')}</D:response>`;
  });
const document = fc
  .tuple(
    fc.constantFrom('', '<?xml version="1.0" encoding="utf-8"?>\n', "\ufeff<?xml version='1.0'?>", '\n'),
    fc.array(response, { maxLength: 3 }),
    fc.constantFrom('', '\n', ' trailing'),
  )
  .map(([head, responses, tail]) => {
    return `${head}<D:multistatus xmlns:D="DAV:" xmlns:lp1="DAV:">${responses.join('')}</D:multistatus>${tail}`;
  });
/** Responses that are alike but for some texts, as those of all files of a collection are. */
const alike = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.constantFrom('', '\n', ' \t\n '),
        fc.constantFrom('', ' xmlns:x="urn:x" xmlns="DAV:"'),
        fc.array(propstat, { maxLength: 2 }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    fc.array(fc.record({ which: fc.nat(2), href: piece, texts: fc.array(piece, { minLength: 1, maxLength: 4 }) }), {
      maxLength: 12,
    }),
  )
  .map(([shapes, members]) => {
    const responses = members.map(({ which, href, texts }) => {
      const [blank, attributes, propstats] = shapes[which % shapes.length] as (typeof shapes)[number];
      let at = 0;
      // Each text of a property is replaced; those of a status are not.
      const filled = propstats
        .join('\n')
        .replaceAll(
          /(<[a-z0-9:]*(?:get\w+|displayname)[^>/]*>)[^<]*</gi,
          (_, tag) => `${tag}${texts[at++ % texts.length]}<`,
        );
      return `${blank}<D:response${attributes}><D:href>${href}</D:href>${filled}</D:response>`;
    });
    return `<D:multistatus xmlns:D="DAV:" xmlns:lp1="DAV:">${responses.join('')}</D:multistatus>`;
  });
/** Takes out the characters between two places and puts something in. */
const change = fc.record({
  at: fc.noBias(fc.nat(100_000)),
  length: fc.constantFrom(0, 0, 0, 1, 2, 9, 1_000),
  put: fc.oneof(fc.constantFrom(...SPICES), fc.constant(''), fc.string({ unit: anyCharacter, maxLength: 3 })),
});
const changed = fc.tuple(fc.oneof(document, alike), fc.array(change, { maxLength: 3 })).map(([text, changes]) =>
  changes.reduce((before, { at, length, put }) => {
    const from = at % (before.length + 1);
    return before.slice(0, from) + put + before.slice(from + length);
  }, text),
);

const bySaxesAlone = (elements: MultistatusElements) => createStrictXml(elements, '');

function read(
  bytes: Uint8Array,
  { chunks, caps }: { chunks: readonly number[]; caps: ReadCaps },
  createXml?: (elements: MultistatusElements, caps: ReadCaps) => XmlReader,
) {
  const responses: MultistatusResponse[] = [];
  const reader = createMultistatusReader((each) => responses.push({ ...each }), null, caps, createXml);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const end = at + (chunks[i % chunks.length] ?? bytes.length);
    if (!reader.write(bytes.subarray(at, end))) break;
    at = end;
  }
  return { responses, failure: reader.end() };
}

test('reads every document as saxes alone does, whatever is wrong with it and wherever it is cut', () => {
  const how = fc.record({
    chunks: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
    caps: fc.constantFrom(
      DEFAULT_CAPS,
      { ...DEFAULT_CAPS, entries: 1 },
      { ...DEFAULT_CAPS, entries: 4 },
      { ...DEFAULT_CAPS, textLength: 30 },
    ),
  });
  fc.assert(
    fc.property(changed, how, (text, options) => {
      const bytes = Buffer.from(text);
      expect(read(bytes, options)).toEqual(read(bytes, options, bySaxesAlone));
    }),
    { numRuns: fewRunsOf(3_000) },
  );
});

test('reads responses that are alike as saxes alone does, cut at any place', () => {
  fc.assert(
    fc.property(alike, fc.nat(), fc.nat(), (text, first, second) => {
      const bytes = Buffer.from(text);
      const chunks = [1 + (first % bytes.length), 1 + (second % bytes.length), bytes.length];
      const whole = read(bytes, { chunks: [bytes.length], caps: DEFAULT_CAPS });
      expect(read(bytes, { chunks, caps: DEFAULT_CAPS })).toEqual(whole);
      expect(read(bytes, { chunks, caps: DEFAULT_CAPS }, bySaxesAlone)).toEqual(whole);
    }),
    { numRuns: fewRunsOf(2_000) },
  );
});
