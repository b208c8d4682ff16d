import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePipe } from '../make-pipe.js';
import { endChild } from '../servers/server-process.js';

const RESIDENT = fileURLToPath(new URL('resident.mjs', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../../dist/program.js', import.meta.url));

/** The built program in one process, for a shell that gives many commands. */
export interface Resident {
  /** A shell script that does what the program does with its arguments, which have no tabs and no line breaks. */
  readonly script: string;
  end(): Promise<void>;
}

/** Starts it in a folder, with these variables; `pipes` is a folder of its own, which is made. One command may run at a time. */
export function startResident(cwd: string, pipes: string, env: Readonly<Record<string, string>>): Resident {
  mkdirSync(pipes);
  const [asked, told] = [join(pipes, 'asked'), join(pipes, 'told')];
  for (const path of [asked, told]) makePipe(path);
  const child = spawn(process.execPath, [RESIDENT, PROGRAM, pipes], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const script = [
    `{ printf '%s\\t' "$@"; echo; } >"${asked}"`,
    // To its end: whoever comes next has to find it closed.
    `code=$(cat "${told}")`,
    `cat "${pipes}/out"`,
    `cat "${pipes}/err" >&2`,
    'exit "$code"',
  ].join('\n');
  return { script, end: () => endChild(child) };
}
