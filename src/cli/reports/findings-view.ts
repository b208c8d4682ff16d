import type { Finding, Severity } from '../../domain/diagnosis/finding.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { printable } from '../terminal/io.js';

export interface FindingsViewOptions {
  /** The users that were asked about: more is shown of their spaces. */
  readonly user?: readonly string[];
  /** Shows every finding, however many there are. */
  readonly verbose?: boolean;
}

const MARKS: Readonly<Record<Severity, string>> = { ok: 'ok', note: 'note', warning: 'WARNING', problem: 'PROBLEM' };
const WIDEST_MARK = 'PROBLEM'.length;
const INDENT = ' '.repeat(WIDEST_MARK + 2);
/** One screenful of a kind: once those are fixed, the next run shows the rest. */
const MOST_OF_A_KIND = 20;
/** A cap, since a configuration may repeat a mistake in thousands of lines. */
const MOST_LINES = 20;

/** Writes findings as they come: those that are ok only on request, and no more of each kind than anybody can read. */
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

/** Notes about samples (new images, or a space not synced yet) are normal, so only shown for named users. */
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

/** `2 problems, 1 warning, 0 notes, 10,004 ok`, followed by how to see the rest. */
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
