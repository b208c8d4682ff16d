import { describe, expect, it } from 'vitest';
import { homeOf, placeOf } from '../../../src/domain/policy/hint-place.js';

describe('the home that a URL tells', () => {
  it.each([
    ['https://cloud.example.org/remote.php/dav/files/jm/', 'jm', []],
    ['https://cloud.example.org/remote.php/dav/files/4f5b%20x/', '4f5b x', []],
    ['https://cloud.example.org/nextcloud/remote.php/dav/files/jm/VM%20images/ova/', 'jm', ['VM images', 'ova']],
    ['https://cloud.example.org/remote.php/webdav/', 'user', []],
    ['https://cloud.example.org/remote.php/webdav/images/', 'user', ['images']],
    ['https://cloud.example.org/remote.php/dav/spaces/7/', 'user', []],
    ['https://dav.example.org/jm/', 'user', []],
    ['https://dav.example.org/remote.php/dav/files/%E9/', '%E9', []],
  ])('%s', (url, owner, below) => {
    expect(homeOf({ user: 'user', url })).toEqual({ owner, below });
  });
});

describe('the place of a hint', () => {
  const place = (below: 'space' | 'home', path: string, above: readonly string[] = []) =>
    placeOf({ below, user: 'jm', path }, { owner: 'jm', below: above });

  it.each([
    ['x.ova', { path: 'x.ova', collection: '' }],
    ['/lab/x.ova', { path: 'lab/x.ova', collection: 'lab' }],
    ['//lab//x.ova', { path: 'lab/x.ova', collection: 'lab' }],
    ['lab/', { path: 'lab', collection: 'lab' }],
    ['/', { path: '', collection: '' }],
    ['', { path: '', collection: '' }],
    ['a\u201BE9/x.ova', { path: 'a\u201BE2\u201B80\u201B9BE9/x.ova', collection: 'a\u201BE2\u201B80\u201B9BE9' }],
    ['lab/../x.ova', null],
    ['./x.ova', null],
    ['lab\0/x.ova', null],
  ])('%j is %j', (path, expected) => {
    expect(place('space', path)).toEqual(expected);
  });

  it.each([
    ['images/lab/x.ova', { path: 'lab/x.ova', collection: 'lab' }],
    ['images', { path: '', collection: '' }],
    ['thesis/x.ova', null],
    ['Images/x.ova', null],
  ])('%j of a home whose folder "images" is the space is %j', (path, expected) => {
    expect(place('home', path, ['images'])).toEqual(expected);
  });

  it('is the root if a folder above that changed', () => {
    expect(place('home', 'vm', ['vm', 'images'])).toEqual({ path: '', collection: '' });
  });

  it('counts from the root of the space if the hint is about that', () => {
    expect(place('space', 'images/x.ova', ['images'])).toEqual({ path: 'images/x.ova', collection: 'images' });
  });
});
