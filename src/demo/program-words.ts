import { accessSync, constants } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quote } from './guide.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** What shows JSON well, the best first; the second needs no installation on most systems. */
const FORMATTERS = [
  ['jq', 'jq'],
  ['python3', 'python3 -m json.tool --no-ensure-ascii'],
] as const;

/** What to type to run this very program from the folder where the demo was started. */
export function programWords(workingDirectory: string): string {
  const below = relative(workingDirectory, MAIN);
  const script = below.startsWith('..') ? MAIN : below;
  return `node ${/^[\w./-]+$/.test(script) ? script : quote(script)}`;
}

/** The command that formats JSON on a machine with this search path, or null. */
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
