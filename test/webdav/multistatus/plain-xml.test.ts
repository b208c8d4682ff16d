import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createMultistatusElements } from '../../../src/webdav/multistatus/elements.js';
import { DEFAULT_CAPS } from '../../../src/webdav/multistatus/multistatus.js';
import { createPlainXml } from '../../../src/webdav/multistatus/plain-xml.js';
import { createXmlDecoder } from '../../../src/webdav/multistatus/xml-text.js';

const FIXTURES = new URL('../../fixtures/multistatus/', import.meta.url);

function openPlain() {
  const hrefs: string[] = [];
  const elements = createMultistatusElements(({ href }) => hrefs.push(href), DEFAULT_CAPS);
  return { hrefs, elements, plain: createPlainXml(elements, DEFAULT_CAPS.textLength) };
}

const multistatus = (content: string) => `<D:multistatus xmlns:D="DAV:">${content}</D:multistatus>`;
const response = (href: string) => `<D:response><D:href>${href}</D:href></D:response>`;

/** All but pages of HTML and a body that broke off. */
const recorded = readdirSync(FIXTURES).filter((name) =>
  /^<\?xml.*multistatus>\s*$/s.test(readFileSync(new URL(name, FIXTURES), 'latin1')),
);

test.for(recorded)('%s is plain from its beginning to its end', (name) => {
  const decoder = createXmlDecoder(null);
  const { plain, elements, hrefs } = openPlain();
  expect(plain.write(decoder.decode(readFileSync(new URL(name, FIXTURES))) + decoder.end())).toBe(true);
  expect(elements.isClosed()).toBe(true);
  expect(hrefs).not.toEqual([]);
});

test('knows recorded answers of every server', () => {
  const servers = new Set(recorded.map((name) => name.split('-')[0]));
  expect(servers).toEqual(new Set(['apache', 'lighttpd', 'nephele', 'nginx', 'rclone', 'wds']));
});

describe('plain is', () => {
  test.for([
    [
      'a declaration in apostrophes behind a byte order mark',
      `\ufeff<?xml version='1.0' standalone="no" ?>${multistatus('')}`,
    ],
    ['a document without a declaration', multistatus('')],
    ['an attribute of a property', multistatus(`<D:response><D:href D:dt='a "b"'>/</D:href></D:response>`)],
    ['blanks inside of tags', multistatus('<D:response\n xmlns:a="b"\t><D:href >/</D:href></D:response>')],
    ['predefined and numeric references', multistatus(response('/&amp;&lt;&gt;&quot;&apos;&#34;&#x1F600;'))],
  ] as const)('%s', ([, document]) => {
    const { plain, elements } = openPlain();
    expect([plain.write(document), plain.rest(), elements.isClosed()]).toEqual([true, '', true]);
  });
});

describe('left to saxes is', () => {
  test.for([
    ['a comment', '<!-- -->'],
    ['CDATA', '<![CDATA[/]]>'],
    ['a processing instruction', '<?php ?>'],
    ['an unknown entity', '/&nbsp;'],
    ['a reference to no character', '/&#0;'],
    ['an unfinished reference', '/&amp'],
    ['a carriage return', '/\r\n'],
    ['a > in text', '/a>b'],
    ['a blank in an end tag', '</D:href >'],
    ['another end tag', '</D:response>'],
    ['a > in an attribute', '<D:a b=">"/>'],
    ['a reference in an attribute', '<D:a b="&amp;"/>'],
    ['a line break in an attribute', '<D:a b="\n"/>'],
    ['two attributes', '<D:a b="1" c="2"/>'],
    ['an unbound prefix', '<x:a/>'],
    ['a prefix that is unbound', '<D:a xmlns:D=""/>'],
    ['a namespace that is declared twice', '<D:a xmlns:b="c" xmlns:b="c"/>'],
    ['a reserved prefix', '<D:a xmlns:xml="b"/>'],
    ['a reserved namespace', '<D:a xmlns:b="http://www.w3.org/2000/xmlns/"/>'],
    ['a name beyond ASCII', '<D:é/>'],
  ] as const)('%s, and all behind it', ([, special]) => {
    const behind = '</D:href></D:response></D:multistatus>';
    const { plain } = openPlain();
    expect(plain.write(`${multistatus('').replace(/<\/.*/, '')}<D:response><D:href>${special}${behind}`)).toBe(false);
    expect(plain.rest()).toBe(`${special}${behind}`);
    expect(plain.outline()).toBe('<D:multistatus xmlns:D="DAV:"><D:response><D:href>');
  });

  test('whatever stands behind the root but blanks', () => {
    const { plain } = openPlain();
    expect(plain.write(`${multistatus(response('/'))}\n`)).toBe(true);
    expect(plain.write('<!-- bye -->')).toBe(false);
    expect(plain.outline()).toBe(multistatus(''));
  });
});
