import { describe, expect, it } from 'vitest';
import { isToldByGroups, matchesUnread, troubleIn } from '../../../src/domain/lists/image-groups.js';
import { parseImageFilter } from '../../../src/domain/lists/image-list.js';

describe('isToldByGroups', () => {
  it.each([
    ['family,eq,linux;memory_mib,le,4096;cpus,gt,1;disk_count,eq,1;state,in,ok|broken;settled,eq,true', true],
    ['family,eq,linux;name,like,%a%', false],
    ['os,eq,x', false],
    ['capacity_bytes,le,1', false],
  ])('%s: %s', (text, isTold) => {
    const filter = parseImageFilter(text);
    expect(isToldByGroups({ nameContains: [], filter })).toBe(isTold);
    expect(isToldByGroups({ nameContains: ['a'], filter })).toBe(false);
  });
});

describe('matchesUnread', () => {
  it.each([
    ['family,eq,linux', false, false],
    ['family,ne,linux', true, true],
    ['memory_mib,le,1', false, false],
    ['state,eq,unknown', true, false],
    ['state,ne,ok', true, true],
    ['state,in,uploading|broken', false, true],
    ['settled,eq,true', true, false],
    ['state,ne,ok;cpus,gt,1', false, false],
  ])('%s matches a settled one: %s, one that is not: %s', (text, settled, unsettled) => {
    const filter = parseImageFilter(text);
    expect([matchesUnread(filter, true), matchesUnread(filter, false)]).toEqual([settled, unsettled]);
  });
});

describe('troubleIn', () => {
  it.each([
    ['state,eq,broken', 'broken'],
    ['family,eq,linux;state,eq,incomplete', 'incomplete'],
    ['state,eq,uploading', 'uploading'],
    ['settled,eq,false', 'uploading'],
    ['settled,eq,true', null],
    ['settled,ne,true', null],
    ['state,eq,ok', null],
    ['state,eq,unknown', null],
    ['state,ne,broken', null],
    ['state,in,broken|incomplete', null],
  ])('%s: %s', (text, state) => {
    expect(troubleIn(parseImageFilter(text))).toBe(state);
  });
});
