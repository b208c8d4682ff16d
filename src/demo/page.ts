import { styleText } from 'node:util';
import type { GuideStep } from './guide.js';

/** What the demo writes on standard output, with colours only on a terminal. */
export interface Page {
  heading(text: string): string;
  comment(text: string): string;
  say(...lines: readonly string[]): void;
  /** A line with a name in front. */
  fact(name: string, value: string): string;
  /** The lines of a command to paste. */
  step(step: GuideStep): readonly string[];
}

export function createPage(stdout: NodeJS.WritableStream, isTTY: boolean): Page {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) => (isTTY ? styleText(format, text) : text);
  const comment = style('dim');
  return {
    heading: style('bold'),
    comment,
    say: (...lines) => void stdout.write(`${lines.join('\n')}\n`),
    fact: (name, value) => `  ${name.padEnd(16)}${value}`,
    step: ({ shows, command }) => [comment(`# ${shows}`), command],
  };
}
