import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const TESTS = import.meta.dirname;
/** `mkfifo` alone, as Node has no call for it; and what refuses to start any. */
const MAY_START = ['support/make-pipe.ts', 'support/outside.ts', 'support/outside.test.ts'];
/** What a daemon or a command is made of once it is built. */
const BUILT = /\bdist\//;

const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
const inProcess = files.filter((file) => !/\.(e2e|browser)\.test\.ts$/.test(file) && !file.startsWith('interop/'));
const units = inProcess.filter((file) => !file.endsWith('.integration.test.ts') && !file.includes('/trouble/'));
const endToEnd = files.filter((file) => file.endsWith('.e2e.test.ts'));

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

/** The modules of the tests that it loads, itself first. */
function loadedBy(test: string): readonly string[] {
  const seen = new Set([test]);
  for (const file of seen) for (const imported of importsOf(file)) seen.add(imported);
  return [...seen];
}

/** Those of them that start programs. */
const startersOf = (test: string) =>
  loadedBy(test).filter(
    (file) => !MAY_START.includes(file) && /^import (?!type)[^']*'node:child_process';$/m.test(textOf(file)),
  );

describe('the tests', () => {
  it('start programs in *.e2e.test.ts only, so that the others need no build', () => {
    expect(inProcess.length).toBeGreaterThan(300);
    const starting = inProcess.map((file) => [file, ...startersOf(file)]).filter(({ length }) => length > 1);
    expect(starting).toEqual([]);
  });

  it('are end-to-end tests only if they start a program, or load what was built', () => {
    expect(endToEnd.length).toBeGreaterThan(50);
    const others = endToEnd.filter(
      (file) => startersOf(file).length === 0 && !loadedBy(file).some((loaded) => BUILT.test(textOf(loaded))),
    );
    expect(others).toEqual([]);
  });

  // What they open is refused while they run: support/outside.ts. A wait can't be told from a timer that nobody waits for.
  it('of logic alone let no real time pass, and open no PostgreSQL', () => {
    expect(units.length).toBeGreaterThan(200);
    const waiting = /'node:timers[/]promises'|\bsetTimeout[(]resolve\b/;
    expect(units.filter((file) => waiting.test(textOf(file).replace(/^import \{ setImmediate\b.*$/gm, '')))).toEqual(
      [],
    );
    const opening = units.filter((file) => loadedBy(file).some((loaded) => /'@electric-sql[/]/.test(textOf(loaded))));
    expect(opening).toEqual([]);
  });

  it('below test/e2e have names that say so', () => {
    expect(files.filter((file) => file.startsWith('e2e/') && !file.endsWith('.e2e.test.ts'))).toEqual([]);
  });
});
