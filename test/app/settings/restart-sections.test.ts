import { expect, test } from 'vitest';
import { changedSections, sectionsForRestart, sectionsWaiting } from '../../../src/app/settings/restart-sections.js';
import type { Config } from '../../../src/config/schema.js';

const of = (server: number, log: number, spaces = 0) =>
  ({ server: { server }, log: { log }, spaces }) as unknown as Config;

test.each<[what: string, before: Config, now: Config, sections: readonly string[]]>([
  ['nothing', of(1, 1), of(1, 1), []],
  ['what needs no restart', of(1, 1), of(1, 1, 5), []],
  ['one section', of(1, 1), of(2, 1), ['server']],
  ['the same again beside another', of(2, 1), of(2, 2), ['log']],
  ['what is taken back', of(2, 1), of(1, 1), []],
  ['a further change', of(2, 2), of(3, 1), ['server']],
])('a change of %s', (_what, before, now, sections) => {
  expect(sectionsForRestart(of(1, 1), { before, now })).toEqual(sections);
});

test.each<[what: string, now: Config, sections: readonly string[]]>([
  ['nothing', of(1, 1), []],
  ['what needs no restart', of(1, 1, 5), []],
  ['two sections, one of them long ago', of(2, 2), ['server', 'log']],
])('after a change of %s it is known what waits', (_what, now, sections) => {
  expect(sectionsWaiting(of(1, 1), now)).toEqual(sections);
});

test.each<[what: string, before: object, now: object, sections: readonly string[]]>([
  ['no difference', { log: 1, spaces: [{ user: 'a' }] }, { log: 1, spaces: [{ user: 'a' }] }, []],
  ['some sections', { log: 1, crawl: 1, api: 1 }, { log: 2, crawl: 1, api: 2 }, ['log', 'api']],
  [
    'what is made of spaces',
    { spaces: 1, discoveries: 1, publicUsers: 1 },
    { spaces: 2, discoveries: 2, publicUsers: 2 },
    ['spaces'],
  ],
  ['public users alone', { spaces: 1, publicUsers: 1 }, { spaces: 1, publicUsers: 2 }, ['spaces']],
])('of two configurations it is known in which sections they differ: %s', (_what, before, now, sections) => {
  expect(changedSections(before as Config, now as Config)).toEqual(sections);
});
