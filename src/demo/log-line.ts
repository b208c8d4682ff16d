/**
 * Formats a log entry for the demo's terminal, between other text: one line, without details that are in a file anyway.
 * `line` is the JSON of the logger.
 */
export function demoLogLine(line: string): string {
  const { level, msg, audit, act, by, outcome, detail, reason } = JSON.parse(line) as Record<string, unknown>;
  if (audit === true) return `  audit.log: ${act} by ${by}: ${outcome}\n`;
  const more = detail ?? reason;
  return `  ${level}: ${msg}${typeof more === 'string' ? `: ${more}` : ''}\n`;
}
