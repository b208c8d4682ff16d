import type { Finding, Severity } from '../../domain/diagnosis/finding.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { printable } from '../terminal/io.js';

export interface FindingsViewOptions {
  /** Whoever names users wants to know more of them. */
  readonly user?: readonly string[];
  /** Everything, however much it is. */
  readonly verbose?: boolean;
}

const MARKS: Readonly<Record<Severity, string>> = { ok: 'ok', note: 'note', warning: 'WARNING', problem: 'PROBLEM' };
const WIDEST_MARK = 'PROBLEM'.length;
const INDENT = ' '.repeat(WIDEST_MARK + 2);
/** A screen of the same kind: whoever has mended those asks again. */
const MOST_OF_A_KIND = 20;
/** A configuration may have the same mistake in thousands of lines. */
const MOST_LINES = 20;

/** Writes findings as they come: what is in order only if it is asked for, and of each kind no more than can be read. */
export function createFindingsView(
  options: FindingsViewOptions,
  write: (...lines: readonly string[]) => void,
): (finding: Finding) => void {
  const { verbose = false } = options;
  const shown = new Map<string, number>();
  return (finding) => {
    if (!isShown(finding, options)) return;
    const kind = `${finding.severity} ${finding.area}`;
    const count = (shown.get(kind) ?? 0) + 1;
    shown.set(kind, count);
    if (verbose || count <= MOST_OF_A_KIND) write(...linesOf(finding, verbose));
    else if (count === MOST_OF_A_KIND + 1) write(`${INDENT}and more of ${finding.area}; --verbose shows them all`);
  };
}

/** What is new in a sample is in order; that nobody has synced it yet, too. */
function isShown({ severity, area }: Finding, { verbose = false, user = [] }: FindingsViewOptions): boolean {
  if (verbose || severity === 'problem' || severity === 'warning') return true;
  return severity === 'note' && (area !== 'sample' || user.length > 0);
}

function linesOf({ area, subject, severity, message, action }: Finding, verbose: boolean): readonly string[] {
  // A message about a configuration has a line for each problem.
  const [first = '', ...others] = message.split('\n').map(printable);
  const shown = verbose ? others : others.slice(0, MOST_LINES);
  const left = others.length - shown.length;
  return [
    `${MARKS[severity].padEnd(WIDEST_MARK)}  ${area}: ${printable(subject)}: ${first}`,
    ...shown.map((line) => INDENT + line),
    ...(left > 0 ? [`${INDENT}and ${grouped(left)} more; --verbose shows them all`] : []),
    ...(action === null ? [] : [`${INDENT}-> ${printable(action)}`]),
  ];
}

/** `2 problems, 1 warning, 0 notes, 10,004 ok`, and how to see the rest. */
export function summaryOf(findings: readonly Finding[], { verbose = false }: FindingsViewOptions): readonly string[] {
  const count = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  const counts = [
    counted(count('problem'), 'problem'),
    counted(count('warning'), 'warning'),
    counted(count('note'), 'note'),
    `${grouped(count('ok'))} ok`,
  ];
  return [`${counts.join(', ')}${verbose ? '' : ' (--verbose shows all)'}`];
}
