import { accessSync, constants } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quote } from './guide.js';

/** The program itself. */
export const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** Commands that format JSON, the best first; most systems already have the second. */
const FORMATTERS = [
  ['jq', 'jq'],
  ['python3', 'python3 -m json.tool --no-ensure-ascii'],
] as const;

/** Returns what to type to run this program from the folder where the demo was started. */
export function programWords(workingDirectory: string): string {
  const below = relative(workingDirectory, MAIN);
  const script = below.startsWith('..') ? MAIN : below;
  return `node ${/^[\w./-]+$/.test(script) ? script : quote(script)}`;
}

/** Returns the command that formats JSON on a machine with this search path, or null. */
export function jsonFormatter(searchPath: string | undefined): string | null {
  const folders = (searchPath ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = FORMATTERS.find(([program]) => folders.some((folder) => isProgram(join(folder, program))));
  return found?.[1] ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
