import { expect, test } from 'vitest';
import { sectionsForRestart } from '../../src/app/restart-sections.js';
import type { Config } from '../../src/config/schema.js';

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
