import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Every document of the project, relative to its root. */
export const DOCUMENTS = [
  'README.md',
  'config/README.md',
  'src/README.md',
  'src/crawl/README.md',
  'src/http/README.md',
  'test/README.md',
] as const;

/** A fenced block of a document. */
export interface Block {
  readonly document: string;
  /** The line of its opening fence, from 1. */
  readonly line: number;
  /** The first word of that line; empty for none. */
  readonly language: string;
  /** The second word, which says in which scene a test runs the block; empty for none. */
  readonly scene: string;
  readonly text: string;
}

export function readDocument(document: string): string {
  return readFileSync(join(PROJECT, document), 'utf8');
}

/** The blocks of a document from the top down; those of one kind if a language is given. */
export function blocksOf(document: string, language?: string, scene = ''): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; words: readonly string[]; text: string[] } | null = null;
  for (const [at, line] of readDocument(document).split('\n').entries()) {
    if (open === null) {
      if (line.startsWith('```')) open = { line: at + 1, words: line.slice(3).split(' '), text: [] };
    } else if (line === '```') {
      const [first = '', second = ''] = open.words;
      blocks.push({ document, line: open.line, language: first, scene: second, text: `${open.text.join('\n')}\n` });
      open = null;
    } else {
      open.text.push(line);
    }
  }
  if (open !== null) throw new Error(`${document}:${open.line}: this block has no end`);
  return language === undefined
    ? blocks
    : blocks.filter((block) => block.language === language && block.scene === scene);
}

/** A link of a document to another file or place of the project. */
export interface DocumentLink {
  readonly target: string;
  /** Relative to the project's root. */
  readonly file: string;
  readonly anchor: string | undefined;
}

export function linksOf(document: string): readonly DocumentLink[] {
  return [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^https?:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { target, file: path === '' ? document : normalize(join(dirname(document), path)), anchor };
    });
}

/** A document without its blocks: what people read as text. */
export function proseOf(document: string): string {
  return readDocument(document).replace(/^```[\s\S]*?^```$/gm, '');
}
