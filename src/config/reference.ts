/** What the example configuration says about a key. */
export interface Reference {
  /** The key's path, such as `crawl.timeouts.total` or `spaces[].user`. */
  readonly path: string;
  /** Its value in the example; empty for a mapping or a list. */
  readonly value: string;
  /** The lines of its comment; lines of YAML show another form or value, or items. */
  readonly text: readonly string[];
}

const KEY = /^( *)(- )?([A-Za-z][\w-]*):(?: +(.*))?$/;
const COMMENT = /^( *)# ?(.*)$/;

interface Level {
  readonly indent: number;
  readonly path: string;
}

interface Draft extends Reference {
  readonly text: string[];
}

/**
 * Lists the keys of the example in order, including commented-out ones (`known` distinguishes them from prose), each
 * with the comment above or right below it. A detached comment belongs to the enclosing mapping; one before the first
 * key has the path ''.
 */
export function referenceOf(example: string, known: ReadonlySet<string>): readonly Reference[] {
  const drafts = new Map<string, Draft>([['', { path: '', value: '', text: [] }]]);
  let levels: readonly Level[] = [];
  let pending: string[] = [];
  let pendingIndent = 0;
  let last = null as Draft | null;

  const settle = () => {
    const above = levels.filter(({ indent }) => indent < pendingIndent).at(-1)?.path ?? '';
    const owner = last ?? drafts.get(above) ?? drafts.get('');
    if (pending.length > 0) owner?.text.push(...(owner.text.length > 0 && last === null ? [''] : []), ...pending);
    pending = [];
  };
  /** Returns the levels with this key as the innermost one. */
  const levelsWith = (indent: number, dash: string, key: string): readonly Level[] => {
    // A dash belongs to the key above it, which may be in the same column.
    const outer = levels.filter((level) => (dash === '' ? level.indent < indent : level.indent <= indent));
    const above = outer.at(-1)?.path ?? '';
    const path = `${above}${dash === '' ? '' : '[]'}${above === '' ? '' : '.'}${key}`;
    const inList = dash === '' || above === '' ? [] : [{ indent: indent + 1, path: `${above}[]` }];
    return [...outer, ...inList, { indent: indent + dash.length, path }];
  };
  const add = (next: readonly Level[], value: string, line: string) => {
    const path = next.at(-1)?.path ?? '';
    const there = drafts.get(path);
    levels = next;
    if (there === undefined) {
      last = { path, value, text: pending };
      drafts.set(path, last);
    } else {
      there.text.push(...pending, line);
      last = there;
    }
    pending = [];
  };

  for (const line of example.split('\n')) {
    const { column, remark } = remarkIn(line);
    const [, spaces = '', dash = '', key, value = ''] = KEY.exec(remark ?? line) ?? [];
    if (key !== undefined) {
      const next = levelsWith(column + spaces.length, dash, key);
      if (remark === undefined || known.has(next.at(-1)?.path ?? '')) {
        add(next, value, (remark ?? line).trim().replace(/^- /, ''));
        continue;
      }
    }
    if (remark !== undefined) {
      if (pending.length === 0) pendingIndent = column;
      pending.push(remark);
    } else if (/^ *- /.test(line)) {
      if (last === null) pending.push(line.trim());
      else last.text.push(...pending.splice(0), line.trim());
    } else {
      settle();
      last = null;
    }
  }
  settle();
  return [...drafts.values()];
}

/**
 * Splits a comment into its text and the column of the key that it may contain; commented-out YAML may have comments of
 * its own.
 */
function remarkIn(line: string): { readonly column: number; readonly remark: string | undefined } {
  const [, outer = '', remark] = COMMENT.exec(line) ?? [];
  const [, inner = '', nested] = COMMENT.exec(remark ?? '') ?? [];
  return nested === undefined
    ? { column: outer.length, remark }
    : { column: outer.length + inner.length, remark: nested };
}
