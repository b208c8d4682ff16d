import { describe, expect, test, vi } from 'vitest';
import {
  createMultistatusReader,
  DEFAULT_CAPS,
  type ReadCaps,
  type ReadFailure,
} from '../../../src/webdav/multistatus/multistatus.js';
import type { MultistatusResponse } from '../../../src/webdav/multistatus/response.js';

function read(
  document: string | Buffer,
  { caps = DEFAULT_CAPS, chunkLength = 1 }: { caps?: ReadCaps; chunkLength?: number } = {},
): { responses: MultistatusResponse[]; failure: ReadFailure | null } {
  const responses: MultistatusResponse[] = [];
  const reader = createMultistatusReader((response) => responses.push({ ...response }), null, caps);
  const bytes = Buffer.from(document);
  for (let i = 0; i < bytes.length; i += chunkLength) {
    if (!reader.write(bytes.subarray(i, i + chunkLength))) break;
  }
  return { responses, failure: reader.end() };
}

const multistatus = (responses: string) => `<D:multistatus xmlns:D="DAV:">${responses}</D:multistatus>`;
const response = (properties: string, href = '/x') =>
  `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`;
const only = (document: string) => {
  const { responses, failure } = read(document);
  expect(failure).toBeNull();
  expect(responses).toHaveLength(1);
  return responses[0];
};
const failureOf = (document: string, caps = DEFAULT_CAPS, chunkLength = 1) =>
  read(document, { caps, chunkLength }).failure?.failure;

describe('what a response says', () => {
  test('goes by namespace, whatever the prefixes', () => {
    const document = `<?xml version="1.0"?>
      <multistatus xmlns="DAV:"><response xmlns:lp1="DAV:" xmlns:o="urn:other">
        <href>/x</href>
        <propstat><prop>
          <lp1:resourcetype><c:collection xmlns:c="DAV:"/></lp1:resourcetype>
          <o:getetag>other</o:getetag>
          <lp1:getetag>"1"</lp1:getetag>
        </prop><status>HTTP/1.1 200 OK</status></propstat>
      </response></multistatus>`;
    expect(only(document)).toMatchObject({ href: '/x', resourceType: 'collection', etag: '"1"' });
  });

  test('is read without an Error for each control character in it', () => {
    const made = vi.fn();
    class CountedError extends Error {
      constructor(...given: ConstructorParameters<typeof Error>) {
        super(...given);
        made();
      }
    }
    vi.stubGlobal('Error', CountedError);
    try {
      const controls = '\u0001'.repeat(1_000);
      const { responses, failure } = read(
        multistatus(`<!-- -->${response(`<D:displayname>${controls}</D:displayname>`)}`),
      );
      expect([responses.length, failure, made.mock.calls.length]).toEqual([1, null, 0]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('is no collection for a collection of another namespace', () => {
    const properties = '<D:resourcetype><c:collection xmlns:c="urn:c"/><D:principal/></D:resourcetype>';
    expect(only(multistatus(response(properties)))).toMatchObject({ resourceType: 'other' });
  });

  const good = '<D:prop><D:getetag>good</D:getetag></D:prop>';
  const bad = '<D:prop><D:getetag>bad</D:getetag><D:getcontentlength/></D:prop>';
  test.for([
    [
      '200 in front of 404',
      `${good}<D:status>HTTP/1.1 200 OK</D:status>`,
      `${bad}<D:status>HTTP/1.1 404 Not Found</D:status>`,
    ],
    [
      '404 in front of 200',
      `${bad}<D:status>HTTP/1.1 404 Not Found</D:status>`,
      `${good}<D:status>HTTP/1.1 200 OK</D:status>`,
    ],
    [
      'the status in front of the properties',
      `<D:status>HTTP/1.1 200</D:status>${good}`,
      `<D:status>HTTP/2 404</D:status>${bad}`,
    ],
    ['no status for the good ones', good, `${bad}<D:status>HTTP/1.1 403 Forbidden</D:status>`],
    ['a status without a version', `${good}<D:status>200 OK</D:status>`, `${bad}<D:status>OK</D:status>`],
  ] as const)('comes from propstats that succeeded: %s', ([, first, second]) => {
    const propstats = `<D:propstat>${first}</D:propstat><D:propstat>${second}</D:propstat>`;
    const document = multistatus(`<D:response><D:href>/x</D:href>${propstats}</D:response>`);
    expect(only(document)).toMatchObject({ etag: 'good', contentLength: null, propertyCount: 1 });
  });

  test('has the status of a propstat that failed, without its properties', () => {
    const document = multistatus(
      '<D:response><D:href>/x</D:href><D:propstat><D:status>HTTP/1.1 403 Forbidden</D:status></D:propstat></D:response>',
    );
    expect(only(document)).toMatchObject({ failedStatus: 403, propertyCount: 0, status: null });
  });

  test('may be a status of its own, for several hrefs', () => {
    const { responses } = read(
      multistatus(
        '<D:response><D:href>/x</D:href><D:href>/y</D:href><D:status>HTTP/1.1 423 Locked</D:status></D:response>',
      ),
    );
    expect(responses.map(({ href, status }) => [href, status])).toEqual([
      ['/x', 423],
      ['/y', 423],
    ]);
  });

  test('leaves nothing behind for the next one', () => {
    const { responses } = read(multistatus(response('<D:getetag>1</D:getetag>') + response('<D:displayname/>', '/y')));
    expect(responses[1]).toMatchObject({ href: '/y', etag: null, propertyCount: 1 });
  });

  test('takes no href or status out of a property or an error', () => {
    const nested = `<D:response><D:href>/x</D:href><D:propstat><D:prop>
        <D:lockdiscovery><D:activelock><D:owner><D:href>/nobody</D:href><D:status>HTTP/1.1 500 No</D:status></D:owner></D:activelock></D:lockdiscovery>
      </D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:error><D:href>/e</D:href></D:error></D:response>
      <D:responsedescription>done</D:responsedescription>`;
    expect(only(multistatus(nested))).toMatchObject({ href: '/x', status: null, failedStatus: null, propertyCount: 1 });
  });

  test.for([
    ['the predefined entities', '/a&amp;&lt;&gt;&quot;&apos;', '/a&<>"\''],
    ['numeric ones', '/&#233;&#x1F600;', '/é😀'],
    ['CDATA', '/a<![CDATA[&<b>]]>c', '/a&<b>c'],
    ['a comment inside', '/a<!-- no -->b', '/ab'],
    ['blanks around it', '\n   /a b\n  ', '/a b'],
    ['a blank at its end', '/a ', '/a '],
    ['a control character', '/a\u0001b', '/a\u0001b'],
  ] as const)('has an href with %s', ([, written, href]) => {
    expect(only(multistatus(response('', written)))).toMatchObject({ href });
  });
});

describe('a whole document', () => {
  const fine = multistatus(response(''));
  test.for([
    ['a byte order mark', `\ufeff${fine}`],
    ['blank lines in front of the XML declaration', `\n\n<?xml version="1.0"?>${fine}`],
    ['blanks, a comment and an instruction behind it', `${fine}\n <!-- bye --><?php ?>\n`],
    ['an unbound prefix', multistatus(response('<x:y>1</x:y>'))],
    [
      'an entity of HTML in a property that nobody wants',
      multistatus(response('<D:displayname>&eacute;</D:displayname>')),
    ],
    ['a control character in a property', multistatus(response('<D:getetag>\u0001</D:getetag>'))],
    ['no response', multistatus('')],
  ] as const)('may have %s', ([, document]) => {
    expect(read(document).failure).toBeNull();
  });

  test.for([
    ['not-multistatus', 'nothing', ''],
    ['not-multistatus', 'blanks', ' \n '],
    ['not-multistatus', 'HTML', '<html><body/></html>'],
    ['not-multistatus', 'HTML with a DOCTYPE', '<!DOCTYPE html><html></html>'],
    ['not-multistatus', 'JSON', '{"error":"no"}'],
    ['not-multistatus', 'plain text', 'Service unavailable'],
    ['not-multistatus', 'another element of DAV:', '<D:error xmlns:D="DAV:"/>'],
    ['not-multistatus', 'multistatus of another namespace', '<multistatus/>'],
    ['malformed', 'a DOCTYPE', `<!DOCTYPE x [<!ENTITY a "b">]>${fine}`],
    ['malformed', 'text behind the end', `${fine}Internal Server Error`],
    ['malformed', 'a second document behind the end', `${fine}${fine}`],
    ['malformed', 'an unfinished tag behind the end', `${fine}<`],
    ['malformed', 'an XML declaration inside', multistatus('<?xml version="1.0"?><D:error/>')],
    [
      'malformed',
      'a bare & in an href',
      multistatus(response('', '/a & b') + response('<D:getetag>&quot;</D:getetag>')),
    ],
    [
      'malformed',
      'a bare & that swallows elements',
      multistatus(response('<x>a & b</x>') + response('<x>c &amp; d</x>')),
    ],
    ['malformed', 'an entity of HTML in an href', multistatus(response('', '/&eacute;'))],
    ['malformed', 'a numeric entity of no character', multistatus(response('<D:getetag>&#0;</D:getetag>'))],
    ['malformed', 'tags that do not match', multistatus('<D:response></D:propstat>')],
    ['malformed', 'a response without an href', multistatus('<D:response/>')],
  ] as const)('is %s with %s', ([failure, , document]) => {
    expect(failureOf(document)).toBe(failure);
  });

  test('is truncated wherever it stops before its end', () => {
    const document = `<?xml version="1.0"?>\n${multistatus(response('<D:getetag>"1"</D:getetag>'))}`;
    for (let length = 1; length < document.length; length++) {
      expect(failureOf(document.slice(0, length)), document.slice(0, length)).toBe('truncated');
    }
    expect(failureOf(document)).toBeUndefined();
  });

  test('reads the same in chunks of any length', () => {
    const document = multistatus(response('<D:getetag>"é😀"</D:getetag>', '/%c3%a9 é😀\r\n'));
    const whole = read(document, { chunkLength: 10_000 });
    for (let chunkLength = 1; chunkLength < 50; chunkLength++) expect(read(document, { chunkLength })).toEqual(whole);
  });
});

describe('is too large with', () => {
  const caps: ReadCaps = { bytes: 20_000, entries: 3, textLength: 100 };
  test.for([
    ['too many bytes', `${multistatus('')}${' '.repeat(20_000)}`],
    ['too many responses', multistatus(response('').repeat(4))],
    [
      'too many hrefs, in whatever responses',
      multistatus(`<D:response>${'<D:href>/x</D:href>'.repeat(2)}</D:response>`.repeat(2)),
    ],
    ['a long href', multistatus(response('', '/x'.repeat(60)))],
    ['a long comment', multistatus(`<!-- ${'x'.repeat(1_000)} -->`)],
    ['a long attribute', multistatus(`<D:x y="${'x'.repeat(1_000)}"/>`)],
    ['a bare & that never ends', multistatus(response('', `/a & ${'b'.repeat(1_000)}`))],
    ['elements nested without end', multistatus('<x>'.repeat(100))],
  ] as const)('%s', ([, document]) => {
    expect(failureOf(document, caps)).toBe('too-large');
  });

  test.for([
    ['that differ', (n: number) => `<D:href>/${n}/${'x'.repeat(80)}</D:href>`],
    ['that are empty', () => '<D:href/>'],
    ['with blanks between', () => '\n <D:href>/x</D:href>'],
  ] as const)('an endless response of hrefs %s, which is given up at once', ([, href]) => {
    const start = Buffer.from('<D:multistatus xmlns:D="DAV:"><D:response>');
    const chunk = Buffer.from(Array.from({ length: 1_000 }, (_, n) => href(n)).join(''));
    const endlessBytes = 200_000_000;
    let emitted = 0;
    const reader = createMultistatusReader(() => emitted++, null, DEFAULT_CAPS);
    let bytes = start.length;
    let goesOn = reader.write(start);
    for (; goesOn && bytes < endlessBytes; bytes += chunk.length) goesOn = reader.write(chunk);
    expect(reader.end()).toEqual({ failure: 'too-large', detail: 'more than 1000 hrefs in one response' });
    expect(bytes).toBeLessThan(1_000_000);
    expect(emitted).toBe(0);
  });

  describe('nothing that stays within the bounds:', () => {
    test.for([
      ['hrefs', multistatus(response('', `/${'x'.repeat(99)}`).repeat(3))],
      ['a text that nobody asked for', multistatus(`${response('')}<x>${'y'.repeat(190)}</x>`)],
      ['comments, one after the other', multistatus(`${response('')}${`<y/><!-- ${'x'.repeat(150)} -->`.repeat(9)}`)],
    ] as const)('%s', ([, document]) => {
      for (const chunkLength of [1, 7, 64, 5_000]) expect(failureOf(document, caps, chunkLength)).toBeUndefined();
    });
  });
});
