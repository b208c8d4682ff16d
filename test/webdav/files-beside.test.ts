import { describe, expect, test } from 'vitest';
import { MOST_SIBLINGS } from '../../src/domain/model/listing.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import { createListingBuilder } from '../../src/webdav/list-collection.js';
import { createResponseAssembly, type MultistatusResponse } from '../../src/webdav/multistatus/response.js';

const ASKED_AT = Date.UTC(2026, 10, 23, 21);
const LONG_AGO = 'Mon, 23 Nov 2026 20:45:55 GMT';

interface Member {
  readonly name: string;
  readonly size?: string;
  readonly date?: string;
  readonly status?: number;
}

function list(
  members: readonly Member[],
  exclude: (path: ResourcePath) => boolean = () => false,
  keepsFiles?: boolean,
) {
  const builder = createListingBuilder({ collection: 'a' as ResourcePath, basePath: '/dav/', exclude, keepsFiles });
  const add = (href: string, type: 'collection' | 'other', { size, date, status }: Omit<Member, 'name'>) => {
    const response = createResponseAssembly();
    response.begin();
    response.addHref(href);
    if (status === undefined) {
      response.beginPropstat();
      response.setPropstatStatus('HTTP/1.1 200 OK');
      response.countProperty();
      response.setResourceType(type);
      if (size !== undefined) response.setText('contentLength', size);
      response.setText('lastModified', date ?? LONG_AGO);
      response.endPropstat();
    } else response.setStatus(`HTTP/1.1 ${status} Odd`);
    response.end((each: MultistatusResponse) => builder.add(each));
  };
  add('/dav/a/', 'collection', {});
  for (const { name, ...member } of members) {
    add(`/dav/a/${name}`, name.endsWith('/') ? 'collection' : 'other', member);
  }
  return builder.finish(1, ASKED_AT);
}

describe('the files of a collection', () => {
  test('are kept with size and date for who asks for them, of every kind, without an .ovf as well', () => {
    const members = [
      { name: 'x.ova', size: '9' },
      { name: 'd%201.vmdk' },
      { name: 'old/' },
      { name: 'y', status: 403 },
    ];
    expect(list(members, () => true, true).files).toEqual(
      new Map([
        ['a/x.ova', { sizeBytes: 9, modifiedAt: Date.parse(LONG_AGO), etag: null }],
        ['a/d 1.vmdk', { sizeBytes: null, modifiedAt: Date.parse(LONG_AGO), etag: null }],
      ]),
    );
    expect(list(members)).not.toHaveProperty('files');
  });
});

describe('the files beside an .ovf', () => {
  test('are all files of its collection with their sizes, wherever it stands among them', () => {
    const { siblings, isSettled } = list([
      { name: 'disk%201.vmdk', size: '5' },
      { name: 'old/' },
      { name: 'X.OVF', size: '7' },
      { name: 'x.ova', size: '9' },
      { name: 'x.mf' },
    ]);
    expect(new Map(siblings?.map(({ name, sizeBytes }) => [name, sizeBytes]))).toEqual(
      new Map([
        ['disk 1.vmdk', 5],
        ['X.OVF', 7],
        ['x.ova', 9],
        ['x.mf', null],
      ]),
    );
    expect(isSettled).toBe(true);
  });

  test.each([
    ['only other images', ['x.ova', 'disk.vmdk']],
    ["only the AppleDouble of one, which isn't an image", ['._x.ovf', 'disk.vmdk']],
    ['a folder of such a name', ['x.ovf/', 'disk.vmdk']],
  ])('are not kept if the collection has %s', (_what, names) => {
    expect(list(names.map((name) => ({ name }))).siblings).toBeNull();
  });

  test('are not kept if the configuration excludes the .ovf', () => {
    expect(list([{ name: 'x.ovf' }, { name: 'disk.vmdk' }], () => true).siblings).toBeNull();
  });

  test('have those that the configuration excludes among them, since they are needed all the same', () => {
    const { siblings } = list([{ name: 'x.ovf' }, { name: 'y.ova', size: '3' }], (path) => path === 'a/y.ova');
    expect(siblings).toContainEqual({ name: 'y.ova', sizeBytes: 3 });
  });

  test('have those of which only the name is known, unless they are said to be gone', () => {
    const { siblings } = list([
      { name: 'x.ovf' },
      { name: 'locked.vmdk', status: 403 },
      { name: 'gone.vmdk', status: 404 },
    ]);
    expect(siblings?.map(({ name }) => name).sort()).toEqual(['locked.vmdk', 'x.ovf']);
  });

  test('have a member that is listed twice once', () => {
    expect(list([{ name: 'x.ovf' }, { name: 'd' }, { name: 'd' }]).siblings).toHaveLength(2);
  });

  test('are not known if there are too many', () => {
    const others = Array.from({ length: MOST_SIBLINGS }, (_, index) => ({ name: `${index}.vmdk` }));
    expect(list([{ name: 'x.ovf' }, ...others.slice(1)]).siblings).toHaveLength(MOST_SIBLINGS);
    expect(list([{ name: 'x.ovf' }, ...others]).siblings).toBeNull();
  });

  test.each([
    ['a disk that was written half a minute ago', 'x.ovf', 'Mon, 23 Nov 2026 20:59:30 GMT', false],
    ['the same without an .ovf', 'x.ova', 'Mon, 23 Nov 2026 20:59:30 GMT', true],
    ['one that has stood still for a minute', 'x.ovf', 'Mon, 23 Nov 2026 20:59:00 GMT', true],
    ['one whose date is of another clock', 'x.ovf', 'Mon, 23 Nov 2026 23:00:00 GMT', true],
  ])('%s settles the marker or not', (_what, image, date, isSettled) => {
    expect(list([{ name: image }, { name: 'disk.vmdk', date }]).isSettled).toBe(isSettled);
  });
});
