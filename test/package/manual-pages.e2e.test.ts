import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import { configurationPage } from '../../config/man/configuration-page.js';
import { exitCodes, leavesOf, programPage } from '../../config/man/program-page.js';
import { createProgram } from '../../src/cli/program.js';
import { EXIT } from '../../src/cli/terminal/exit-code.js';
import { configKeyPaths } from '../../src/config/json-schema.js';
import { captureIo } from '../cli/captured-io.js';
import { describeInstalled, findProgram } from '../support/process/installed.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const OF = { version: '1.2.3', date: '2026-03-02' };
const program = createProgram(captureIo(), () => {});
const document = read('config/README.md');
const example = read('config/ovadex.example.yaml');
const pages = {
  'ovadex.1': programPage(program, document, OF),
  'ovadex.yaml.5': configurationPage(example, OF),
};
/** Without what tells a formatter how it looks. */
const plain = (page: string) => page.replace(/\\(f[BIR]|&)/g, '').replaceAll('\\-', '-');

describe('ovadex(1)', () => {
  const text = plain(pages['ovadex.1']);
  const leaves = leavesOf(program, ['ovadex']);

  it('is of this version and day', () => {
    expect(text).toMatch(/^\.TH OVADEX 1 2026-03-02 "ovadex 1\.2\.3"/);
  });

  it.each(leaves.map(({ words, command }) => [words.join(' '), command] as const))(
    'has "%s" with whatever its help shows',
    (words, command) => {
      const from = text.indexOf(`\n${words}`);
      const section = text.slice(from, text.indexOf('\n.RE\n', from)).replaceAll('\n', ' ');
      expect(from).toBeGreaterThan(0);
      const shown = command.helpInformation();
      const flags = [...shown.matchAll(/^ {2}(-[^ ]*(?: [^ ]+)*)/gm)].map(([, flag = '']) => flag.replace(/[<>]/g, ''));
      for (const flag of flags.filter((each) => each !== '-h, --help')) expect(section).toContain(` ${flag} `);
      expect(section).toContain(command.description().slice(1));
    },
  );

  it('has no command that the program lacks', () => {
    expect(text.match(/^ovadex [a-z]/gm)).toHaveLength(leaves.length);
  });

  it('tells of the variable that names a configuration', () => {
    const [, environment = ''] = /^\.SH ENVIRONMENT\n([\s\S]*?)^\.SH /m.exec(text) ?? [];
    expect(environment).toContain('\nOVADEX_CONFIG\n');
    expect(environment).toContain('/etc/ovadex/ovadex.yaml');
  });

  it('changes with the program', () => {
    const other = new Command('ovadex').description('Another.');
    other.command('leap').description('jump over it').requiredOption("--far <metres's>", 'how\\far');
    const page = programPage(other, document, OF);
    expect(page).toContain('\\fBovadex leap\\fR \\fB\\-\\-far \\fR\\fImetres\\(aqs\\fR\n.RS 4\nJump over it.\n');
    expect(page).toContain('\nhow\\efar\n');
  });

  it('tells every exit code that the program knows, and no other', () => {
    const numbers = exitCodes(document).map(([code]) => code);
    expect(numbers).toEqual([...Object.values(EXIT).map(String), '128 + n']);
    expect(text).toContain('\n128 + n\n');
  });
});

describe('ovadex.yaml(5)', () => {
  const text = plain(pages['ovadex.yaml.5']);

  it('has every key of the example, with its value', () => {
    for (const [key, value] of leafKeys(example)) {
      // Of what stands there again, such as in each space, the later values are among its forms.
      const [leaf] = key.split('.').slice(-1);
      const names = [key, leaf].map((name) => name?.replace(/[[\].]/g, '\\$&')).join('|');
      expect(text).toMatch(new RegExp(`^(${names}): "?${value.replace(/[^\w ]/g, '.+')}`, 'm'));
    }
  });

  it('has a heading for every key of the schema, those included that the example only mentions', () => {
    const paths = configKeyPaths();
    expect(paths.length).toBeGreaterThan(70);
    const headings = new Set([...text.matchAll(/^(?:\.SS )?([a-z][\w.[\]]*)(?::.*)?$/gim)].map(([, path]) => path));
    expect(paths.filter((path) => !headings.has(path))).toEqual([]);
  });

  it('has under each what the example says of it', () => {
    const under = (path: string) => {
      const [, rest = ''] = text.split(new RegExp(`^${path.replace(/[[\].]/g, '\\$&')}(?::.*)?$`, 'm'));
      return (rest.split(/\n\.PP\n(?=[a-z][\w[\]]*\.[\w.[\]]*(?::|$))/m)[0] ?? '').replaceAll('\n', ' ');
    };
    expect(under('server.metricsListen')).toContain('/readyz are served');
    expect(under('server.listen')).not.toContain('/readyz are served');
    expect(under('server.listen')).toContain('api.sock');
    expect(under('storage.tls.keyPassphraseFile')).toContain('encrypted');
    expect(under('crawl.timeZone')).toContain('IANA name');
    expect(under('spaces[].auth.tokenFile')).toContain('Read again');
    expect(under('spaces[].tls.ca')).toContain('Like storage.tls.ca, for this space only.');
  });

  it('has every word of its comments', () => {
    const words = (from: string) => from.replace(/["'`#\-\\]|\(aq|\(ga|\(ti/g, '').split(/\s+/);
    // A key that is commented out stands there with those above it.
    const there = new Set(words(text).flatMap((word) => [word, word.replace(/^.*\./, '')]));
    for (const path of configKeyPaths()) there.add(`${path.replace(/^.*\./, '')}:`);
    const comments = example.split('\n').filter((line) => /^ *#/.test(line));
    expect(words(comments.join(' ')).filter((word) => !there.has(word))).toEqual([]);
  });
});

describeInstalled('the manual pages', [findProgram('mandoc') === null ? 'mandoc (Debian: mandoc)' : null], () => {
  const lint = async (name: string, page: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-man-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, name), page);
    // It ends with a code where it warns; what it says is what is asked for.
    return await promisify(execFile)('mandoc', ['-Tlint', '-Wwarning', name], { cwd: folder }).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
  };

  it.each(Object.entries(pages))('%s is in order', async (name, page) => {
    expect(await lint(name, page)).toBe('');
  });

  it('would be found not to be, were there a mistake in one', async () => {
    expect(await lint('ovadex.1', `${pages['ovadex.1']}.RS\n`)).toContain('WARNING');
  });
});

/** Keys with plain values, those in lists once for each item. */
function leafKeys(yaml: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  const visit = (node: unknown, path: string) => {
    if (isMap(node)) for (const pair of node.items) visit(pair, path);
    else if (isSeq(node) && !node.flow) for (const item of node.items) visit(item, `${path}[]`);
    else if (isPair(node)) visit(node.value, path === '' ? String(node.key) : `${path}.${String(node.key)}`);
    else if (isScalar(node) && !path.endsWith('[]')) found.push([path, String(node.value)]);
  };
  visit(parseDocument(yaml).contents, '');
  return found;
}
