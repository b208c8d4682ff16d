import { printable } from '../../domain/text/printable.js';

/** Continuation lines are indented, so that they can't be mistaken for log lines. */
const CONTINUATION = '\n    ';

/**
 * Prepares a log line for a formatter that shows texts unchanged: control characters are escaped, and lines after a
 * line break, as in stacks and reports, are indented.
 */
export function plainLine(line: string): string {
  return JSON.stringify(JSON.parse(line, (_key, value: unknown) => (typeof value === 'string' ? plain(value) : value)));
}

function plain(text: string): string {
  return text
    .split(/\r?\n/)
    .map((each) => each.replaceAll('\t', ' '))
    .map(printable)
    .join(CONTINUATION);
}
