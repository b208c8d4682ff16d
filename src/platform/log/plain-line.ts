import { printable } from '../../domain/text/printable.js';

/** A new line of a text begins further in, so that it can't be taken for a log line of its own. */
const CONTINUATION = '\n    ';

/**
 * A log line for a formatter that shows texts as they are: what would steer the terminal stands in them by its number. Of
 * line ends, which stacks and reports have, each is followed by a margin.
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
