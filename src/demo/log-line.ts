/**
 * A line of the log for the demo's terminal, where it stands between other text: one line, without what stands in a file
 * anyway. `line` is the JSON of the logger.
 */
export function demoLogLine(line: string): string {
  const { level, msg, audit, act, by, outcome, detail, reason } = JSON.parse(line) as Record<string, unknown>;
  if (audit === true) return `  audit.log: ${act} by ${by}: ${outcome}\n`;
  const more = detail ?? reason;
  return `  ${level}: ${msg}${typeof more === 'string' ? `: ${more}` : ''}\n`;
}
