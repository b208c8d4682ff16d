import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

/** A place in a text, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxProblem extends Position {
  readonly message: string;
}

export type KeyPath = readonly PropertyKey[];

/** A YAML text as plain data that knows where each part of it stands. */
export interface ConfigDocument {
  readonly data: unknown;
  /** Without any, `data` is what the text says. */
  readonly problems: readonly SyntaxProblem[];
  /** Where the value of this path stands, or the key that leads to it, or what is there of its parents. */
  locate(path: KeyPath, part: 'key' | 'value'): Position;
}

/** Reads YAML 1.2. Never throws, and no message quotes the text: it may hold secrets. */
export function parseConfigDocument(text: string): ConfigDocument {
  const lines = new LineCounter();
  // Pretty errors quote the line they complain of.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
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
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    problems.push({ line: 1, column: 1, message: 'aliases (*name) lead to themselves or to too much text' });
  }
  return { data, problems, locate: (path, part) => positionAt(offsetOf(document, path, part)) };
}

/** For errors whose own message quotes the text. `password: *x` is an alias to YAML. */
const OWN_WORDS = {
  BAD_ALIAS: 'a value that starts with * or & is an alias or anchor; text that starts so must be in quotes',
  TAG_RESOLVE_FAILED: 'a value that starts with ! is a tag; text that starts so must be in quotes',
  BAD_DQ_ESCAPE: 'unknown escape sequence in double quotes; write \\\\ for a backslash, or use single quotes',
  BAD_SCALAR_START: 'text that starts with a reserved character must be in quotes',
  UNEXPECTED_TOKEN: 'unexpected text; text with special characters must be in quotes',
  BAD_DIRECTIVE: 'a line that starts with % is a directive; text that starts so must be in quotes',
  MULTIPLE_DOCS: 'only one document is allowed in the file',
  DUPLICATE_KEY: 'this key stands here twice',
} as const;

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
    const pair = isMap(parent) ? parent.items.find((item) => isKey(item, segment)) : undefined;
    if (pair === undefined) return offset; // what is missing is reported at its parent
    node = pair.value;
    const keyOffset = rangeStart(pair.key) ?? offset;
    // A nested block starts on a line of its own: its key is the better place to look.
    offset = isLast && part === 'value' && isScalar(node) ? (rangeStart(node) ?? keyOffset) : keyOffset;
  }
  return offset;
}

function isKey(pair: Pair<unknown, unknown>, segment: PropertyKey): boolean {
  return isScalar(pair.key) && String(pair.key.value) === String(segment);
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
