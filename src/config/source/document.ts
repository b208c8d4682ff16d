import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

/** A place in a text; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxProblem extends Position {
  readonly message: string;
}

export type KeyPath = readonly PropertyKey[];

/** A YAML text as plain data, with the position of each part. */
export interface ConfigDocument {
  readonly data: unknown;
  /** Syntax problems; without any, `data` is the content of the text, otherwise it may be undefined. */
  readonly problems: readonly SyntaxProblem[];
  /** Returns the position of the value or key at this path or, if there is none, of its nearest parent. */
  locate(path: KeyPath, part: 'key' | 'value'): Position;
}

/** Reads YAML 1.2. Never throws, and no message quotes the text: it may hold secrets. */
export function parseConfigDocument(text: string): ConfigDocument {
  const lines = new LineCounter();
  // Pretty errors quote the line that they complain about.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };

  const problems = [...document.errors, ...document.warnings].map((error) => ({
    ...positionAt(error.pos[0]),
    message: describeSyntaxError(error),
  }));
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      problems.push({ ...positionAt(alias.range?.[0] ?? 0), message: OWN_WORDS.BAD_ALIAS });
    },
  });
  let data: unknown;
  try {
    if (problems.length === 0) data = document.toJS();
    problems.push(...duplicatesIn(document, positionAt));
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    problems.push({ line: 1, column: 1, message: 'aliases (*name) refer to themselves or expand to too much text' });
  }
  return { data, problems, locate: (path, part) => positionAt(offsetOf(document, path, part)) };
}

/** Messages for errors whose own message quotes the text. To YAML, `password: *x` is an alias. */
const OWN_WORDS = {
  BAD_ALIAS: 'a value that starts with * or & is an alias or anchor; text that starts like this must be in quotes',
  TAG_RESOLVE_FAILED: 'a value that starts with ! is a tag; text that starts like this must be in quotes',
  BAD_DQ_ESCAPE: 'unknown escape sequence in double quotes; write \\\\ for a backslash, or use single quotes',
  BAD_SCALAR_START: 'text that starts with a reserved character must be in quotes',
  UNEXPECTED_TOKEN: 'unexpected text; text with special characters must be in quotes',
  BAD_DIRECTIVE: 'a line that starts with % is a directive; text that starts like this must be in quotes',
  MULTIPLE_DOCS: 'only one document is allowed in the file',
} as const;

/** Finds duplicate keys in mappings, in addition to other problems. */
function duplicatesIn(document: Document, positionAt: (offset: number) => Position): readonly SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Map(_key, map) {
      const firstOf = new Map<string, number>();
      for (const { key } of map.items) {
        const [name, offset] = [nameOf(key), rangeStart(key)];
        if (name === null || offset === undefined) continue;
        const first = firstOf.get(name);
        if (first === undefined) firstOf.set(name, offset);
        else {
          const message = `duplicate key: ${visibleKey(name)} (first in line ${positionAt(first).line})`;
          problems.push({ ...positionAt(offset), message });
        }
      }
    },
  });
  return problems;
}

/** Hides what follows a colon in a key: to YAML, `{password:hunter2}` without a space is one key. */
export function visibleKey(key: string): string {
  const word = /^[^:=\s]{0,40}/.exec(key)?.[0] ?? '';
  return word.length < key.length ? `${word}…` : word;
}

function describeSyntaxError(error: YAMLError): string {
  return Object.hasOwn(OWN_WORDS, error.code) ? OWN_WORDS[error.code as keyof typeof OWN_WORDS] : error.message;
}

function offsetOf(document: Document, path: KeyPath, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  for (const [depth, segment] of path.entries()) {
    const isLast = depth === path.length - 1;
    const parent = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(parent) && typeof segment === 'number') {
      node = parent.items[segment];
      offset = rangeStart(node) ?? offset;
      continue;
    }
    // Of duplicate keys the last one counts.
    const pair = isMap(parent) ? parent.items.findLast(({ key }) => nameOf(key) === String(segment)) : undefined;
    if (pair === undefined) return offset; // what is missing is reported at its parent
    node = pair.value;
    const keyOffset = rangeStart(pair.key) ?? offset;
    // A nested block starts on a line of its own: its key is the better place to look.
    offset = isLast && part === 'value' && isScalar(node) ? (rangeStart(node) ?? keyOffset) : keyOffset;
  }
  return offset;
}

/** The name of a key in plain data. */
function nameOf(key: unknown): string | null {
  return isScalar(key) ? String(key.value ?? '') : null;
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
