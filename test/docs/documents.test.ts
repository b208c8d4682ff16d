import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leavesOf } from '../../config/man/program-page.js';
import { createProgram } from '../../src/cli/program.js';
import { captureIo } from '../cli/captured-io.js';
import { type Block, blocksOf, DOCUMENTS, linksOf, PROJECT, proseOf, readDocument } from './documents.js';
import { ELSEWHERE, RUNNERS } from './runners.js';

const README_BYTES = 8_192;
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
};

describe('the documents', () => {
  it('are all there are', () => {
    const found = ['.', 'config', 'migrations', 'src', 'test'].flatMap((folder) =>
      readdirSync(join(PROJECT, folder), { recursive: folder !== '.', encoding: 'utf8' })
        .filter((path) => path.endsWith('.md'))
        .map((path) => normalize(join(folder, path))),
    );
    expect(found.filter((path) => !path.includes('node_modules')).sort()).toEqual([...DOCUMENTS].sort());
  });

  it('begin with one page', () => {
    expect(statSync(join(PROJECT, 'README.md')).size).toBeLessThanOrEqual(README_BYTES);
  });

  it('are shipped', () => {
    // npm takes the first along by itself.
    expect(DOCUMENTS.slice(1).filter((path) => !manifest.files.includes(path))).toEqual([]);
  });

  it.each(DOCUMENTS)('%s links only to what is there, and is shipped with it', (document) => {
    for (const { target, file, anchor } of linksOf(document)) {
      expect(existsSync(join(PROJECT, file)), `${document} links to ${target}`).toBe(true);
      const isShipped = file === 'README.md' || manifest.files.some((each) => `${file}/`.startsWith(`${each}/`));
      expect(isShipped, `${document} links to ${target}, which is not shipped`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(file), `${document} links to ${target}`).toContain(anchor);
    }
  });

  it.each(DOCUMENTS)('%s has no heading twice: the second would have another anchor', (document) => {
    const anchors = anchorsOf(document);
    expect(anchors.filter((anchor, at) => anchors.indexOf(anchor) !== at)).toEqual([]);
  });

  it('name the rooms of the house, and no others', () => {
    const folders = readdirSync(join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => ({ room: entry.parentPath.split('/src/')[1] ?? '', name: entry.name }));
    const rows = [...readDocument('src/README.md').matchAll(/^\| `(\w+)` \| [^|]* \|(.*)\|$/gm)].map(
      ([, room = '', subRooms = '']) => [room, new Set([...subRooms.matchAll(/`(\w+)`/g)].map(([, name]) => name))],
    );
    const rooms = folders.filter(({ room }) => room === '').map(({ name }) => name);
    const subRoomsOf = (name: string) => folders.filter(({ room }) => room === name).map((each) => each.name);
    const tree = rooms.map((name) => [name, new Set(subRoomsOf(name))]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(tree));
  });

  it('name folders and files of the project that are there', () => {
    for (const document of DOCUMENTS) {
      const paths = [...readDocument(document).matchAll(/`((?:test|src|config|migrations)\/[\w./-]*)`/g)];
      expect(paths.map(([, path = '']) => path).filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
    }
  });

  it('name scripts of package.json, and benchmarks that there are', () => {
    const text = DOCUMENTS.map(readDocument).join('\n');
    const scripts = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
    const [, known = ''] = /const BENCHES = \[([^\]]*)\]/.exec(read('test/bench/main.ts')) ?? [];
    const benches = [...text.matchAll(/npm run bench (\w[\w-]*)/g)].map(([, name = '']) => name);
    expect(benches.length).toBeGreaterThan(5);
    expect(benches.filter((name) => !known.includes(`'${name}'`))).toEqual([]);
  });
});

describe('the blocks of the documents', () => {
  const blocks = DOCUMENTS.flatMap((document) => blocksOf(document));
  const placeOf = ({ document, line }: Block) => `${document}:${line}`;
  const kindOf = ({ language, scene }: Block) => `${language} ${scene}`;
  const elsewhere = ({ document, text }: Block) =>
    ELSEWHERE.filter((each) => each.document === document && text.startsWith(each.begins));
  /** A picture is to be looked at. */
  const isPicture = (block: Block) => kindOf(block) === 'text ';

  it('are run by a test, each of them', () => {
    const left = blocks.filter(
      (block) => !isPicture(block) && !(kindOf(block) in RUNNERS) && elsewhere(block).length !== 1,
    );
    expect(left.map(placeOf)).toEqual([]);
  });

  it('are run by tests that are there, and that ask for them', () => {
    for (const [kind, file] of Object.entries(RUNNERS)) {
      const [language, scene] = kind.split(' ');
      const asked = new RegExp(`blocksOf\\([^)]*'${language}'${scene === '' ? '' : `, '${scene}'`}`);
      expect(read(file), `${file} is to run "${kind}"`).toMatch(asked);
      expect(blocks.map(kindOf), `no document has a block "${kind}"`).toContain(kind);
    }
    for (const entry of ELSEWHERE) {
      expect(read(entry.by), `${entry.by} is to run "${entry.begins}"`).toContain(entry.evidence);
      expect(
        blocks.some((block) => elsewhere(block).includes(entry)),
        `no block begins "${entry.begins}"`,
      ).toBe(true);
    }
  });
});

describe('the commands in the documents', () => {
  const program = createProgram(captureIo(), () => {});
  const leaves = leavesOf(program, []);
  const names = new Set(leaves.flatMap(({ words }) => words));
  /** Words that begin with a command of the program, whoever it is run as. */
  const typed = DOCUMENTS.flatMap((document) => {
    const shell = blocksOf(document)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.split('\n'));
    const inline = [...proseOf(document).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
    return [...shell, ...inline].flatMap((line) => commandsIn(line).map((words) => ({ document, words })));
  });

  it.each(typed.map(({ document, words }) => [words.join(' '), document, words] as const))(
    'ovadex %s, in %s',
    (_, __, words) => {
      const leaf = leaves
        .filter((each) => each.words.every((word, at) => words[at] === word))
        .sort((a, b) => b.words.length - a.words.length)[0];
      const group = program.commands.find((command) => command.name() === words[0]);
      expect(leaf ?? group, 'no such command').toBeDefined();
      const found = leaf === undefined ? (group?.commands ?? []) : [leaf.command];
      const flags = new Set(found.flatMap(({ options }) => options.flatMap(({ long }) => long ?? [])));
      const given = words.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*/, ''));
      expect(given.filter((flag) => !flags.has(flag))).toEqual([]);
    },
  );

  it('are many', () => expect(typed.length).toBeGreaterThan(40));

  it('are listed, each of them, with its options', () => {
    const [block] = blocksOf('config/README.md', 'text', 'commands');
    // What a command does may stand below it.
    const lines = (block?.text ?? '')
      .trim()
      .replace(/\n {2,}/g, '  ')
      .split('\n');
    for (const { words, command } of leaves) {
      // The form without a second word is the one that people type.
      const shown = words.join(' ') === 'requests list' ? ['requests'] : words;
      const line = lines.find((each) => new RegExp(`^ovadex ${shown.join(' ')}(?: +[-A-Z[(b]|$| {2})`).test(each));
      expect(line, `ovadex ${words.join(' ')}`).toBeDefined();
      if (line?.includes('...') === true) continue; // it says that it is not all
      const listed = [...`${line}`.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
      const known = command.options.flatMap(({ long }) => long ?? []).filter((flag) => flag !== '--config');
      expect(new Set(listed), `ovadex ${words.join(' ')}`).toEqual(new Set(known));
    }
    expect(lines).toHaveLength(leaves.length);
  });

  /** `sudo -u ovadex ovadex db check "$X"  # why` has `db check "$X"`. */
  function commandsIn(line: string): readonly (readonly string[])[] {
    const bare = line.replace(/(^|\s)#.*$/, '');
    return [...bare.matchAll(/(?:^|[\s(;&|])ovadex (?!ovadex )([a-z][^|;&)>]*)/g)]
      .map(([, rest = '']) => rest.trim().split(/\s+/))
      .filter(([first = '']) => names.has(first));
  }
});

/** As GitHub makes them of headings. */
function anchorsOf(document: string): readonly string[] {
  return [...proseOf(document).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
