import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const TESTS = import.meta.dirname;
/** `mkfifo` alone: Node has no call for it. */
const MAY_START = 'support/make-pipe.ts';

const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
const units = files.filter((file) => !/\.(e2e|browser)\.test\.ts$/.test(file) && !file.startsWith('interop/'));

const texts = new Map<string, string>();
const textOf = (file: string) => {
  const text = texts.get(file) ?? readFileSync(join(TESTS, file), 'utf8');
  texts.set(file, text);
  return text;
};
const importsOf = (file: string) =>
  [...textOf(file).matchAll(/^(?:import|export)(?! type)[^']*'(\.[^']+)';$/gm)]
    .map(([, specifier = '']) => relative(TESTS, resolve(TESTS, dirname(file), specifier.replace(/\.js$/, '.ts'))))
    .filter((imported) => !imported.startsWith('..') && existsSync(join(TESTS, imported)));

/** Which modules of the tests it loads start programs. */
function startersOf(test: string): readonly string[] {
  const seen = new Set([test]);
  for (const file of seen) for (const imported of importsOf(file)) seen.add(imported);
  return [...seen].filter(
    (file) => file !== MAY_START && /^import (?!type)[^']*'node:child_process';$/m.test(textOf(file)),
  );
}

describe('the tests', () => {
  it('start programs in *.e2e.test.ts only, so that the others are quick and need no build', () => {
    expect(units.length).toBeGreaterThan(200);
    const starting = units.map((file) => [file, ...startersOf(file)]).filter(({ length }) => length > 1);
    expect(starting).toEqual([]);
  });

  it('below test/e2e have names that say so', () => {
    expect(files.filter((file) => file.startsWith('e2e/') && !file.endsWith('.e2e.test.ts'))).toEqual([]);
  });
});
