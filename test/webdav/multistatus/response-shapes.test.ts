import { describe, expect, test } from 'vitest';
import { createMultistatusElements, type MultistatusElements } from '../../../src/webdav/multistatus/elements.js';
import { DEFAULT_CAPS } from '../../../src/webdav/multistatus/multistatus.js';
import { createPlainXml } from '../../../src/webdav/multistatus/plain-xml.js';
import type { MultistatusResponse } from '../../../src/webdav/multistatus/response.js';

/** Each test has a root of its own: shapes are kept for all documents whose root is written alike. */
let roots = 0;

/** Reads these responses and counts the elements that were read one by one, beside the root. */
function readAll(pieces: readonly string[], caps = DEFAULT_CAPS, root = `r${++roots}`) {
  const responses: MultistatusResponse[] = [];
  const elements = createMultistatusElements((each) => responses.push({ ...each }), caps);
  let opened = 0;
  const counting: MultistatusElements = {
    ...elements,
    open(name) {
      opened++;
      elements.open(name);
    },
  };
  const plain = createPlainXml(counting, caps.textLength);
  const [begin, end] = [`<D:multistatus xmlns:D="DAV:" xmlns:${root}="urn:${root}">`, '</D:multistatus>'];
  const isPlain = [begin, ...pieces.slice(0, -1), `${pieces.at(-1)}${end}`].every((piece) => plain.write(piece));
  return { responses, isPlain, failure: elements.failure(), opened: opened - 1, root };
}

const file = (href: string, etag: string, length = '1') =>
  `\n<D:response><D:href>${href}</D:href><D:propstat><D:prop><D:resourcetype/><D:getcontentlength>${length}</D:getcontentlength>` +
  `<D:getetag>${etag}</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`;
const collection = (href: string) =>
  `\n<D:response><D:href>${href}</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>` +
  '<D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop><D:getetag/></D:prop>' +
  '<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>';
/** How many elements one of them has. */
const FILE = 8;
const COLLECTION = 11;

describe('read as a whole is', () => {
  test.for([
    ['a response like the one before', [file('/a', '1'), file('/b', '2')], FILE],
    [
      'one like another one before',
      [collection('/'), file('/a', '1'), collection('/b/'), file('/c', '2')],
      FILE + COLLECTION,
    ],
    ['one with references', [file('/a', '1'), file('/b&amp;c', '&quot;2&quot;')], FILE],
    ['one with an empty text', [file('/a', '1'), file('/b', '')], FILE],
    ['one with white space around its href', [file('/a', '1'), file('\n /b \n', ' 2 ')], FILE],
  ] as const)('%s', ([, responses, elements]) => {
    const whole = readAll([responses.join('')]);
    // Each by itself is read element by element.
    const single = responses.flatMap((each) => readAll([each]).responses);
    expect(whole.responses).toEqual(single);
    expect([whole.isPlain, whole.failure, whole.opened]).toEqual([true, null, elements]);
  });

  test('one like those of an earlier document, whose root was written alike', () => {
    const { root } = readAll([file('/a', '1')]);
    expect(readAll([file('/b', '2')], DEFAULT_CAPS, root)).toMatchObject({
      opened: 0,
      responses: [{ href: '/b', etag: '2' }],
    });
    expect(readAll([file('/b', '2')])).toMatchObject({ opened: FILE });
  });
});

describe('read element by element is', () => {
  test.for([
    ['one that comes in two pieces', [file('/a', '1'), file('/b', '2').slice(0, 50), file('/b', '2').slice(50)]],
    ['one with another status', [file('/a', '1') + file('/b', '2').replace('200 OK', '404 Not Found')]],
    [
      'one with a property more',
      [file('/a', '1') + file('/b', '2').replace('<D:resourcetype/>', '<D:x/><D:resourcetype/>')],
    ],
    ['one with an element in a text', [file('/a', '1') + file('/b', '<D:x/>')]],
    ['one with two hrefs', [file('/a', '1') + file('/b</D:href><D:href>/c', '2')]],
  ] as const)('%s', ([, pieces]) => {
    expect(readAll(pieces).opened).toBeGreaterThanOrEqual(2 * FILE);
  });

  test.for([
    ['a >', '/b>c'],
    ['a carriage return', '/b\rc'],
    ['an unknown entity', '/b&nbsp;c'],
  ])('at most up to a text with %s, which is left to saxes', ([, href = '']) => {
    const read = readAll([file('/a', '1') + file('/b', '2') + file(href, '3')]);
    expect([read.isPlain, read.responses.map((each) => each.href)]).toEqual([false, ['/a', '/b']]);
  });

  test('one whose property failed, since its text counts for nothing', () => {
    const failed = (href: string, etag: string) => file(href, etag).replace('200 OK', '403 Forbidden');
    const read = readAll([failed('/a', '1') + failed('/b', '2')]);
    expect(read).toMatchObject({ opened: 2 * FILE, responses: [{ etag: null }, { etag: null, failedStatus: 403 }] });
  });

  test('a text that is too long, which fails', () => {
    const caps = { ...DEFAULT_CAPS, textLength: 20 };
    expect(readAll([file('/a', '1') + file('/b', 'x'.repeat(21))], caps).failure).toMatchObject({
      failure: 'too-large',
    });
    expect(readAll([file('/a', '1') + file('/b', 'x'.repeat(20))], caps)).toMatchObject({
      failure: null,
      opened: FILE,
    });
  });
});

test('responses read as a whole count among those allowed', () => {
  const responses = Array.from({ length: 5 }, (_, at) => file(`/${at}`, '1')).join('');
  const read = readAll([responses], { ...DEFAULT_CAPS, entries: 3 });
  expect(read.responses.map(({ href }) => href)).toEqual(['/0', '/1', '/2']);
  expect(read.failure).toEqual({ failure: 'too-large', detail: 'more than 3 responses' });
});

test('a server whose every response has another shape is not learned from for ever', () => {
  const others = Array.from({ length: 100 }, (_, at) =>
    file(`/${at}`, '1').replace('<D:resourcetype/>', `<D:x${at}/>`),
  ).join('');
  const { root } = readAll([others]);
  expect(readAll([file('/a', '1') + file('/b', '2')], DEFAULT_CAPS, root).opened).toBe(2 * FILE);
});
