import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overhearText } from '../secrets.js';

/** A line of a shell script with what it printed to both outputs, and how long it took. */
export interface TypedLine {
  readonly line: string;
  readonly output: string;
  readonly seconds: number;
}

export interface Typing {
  /** Lines to run one after the other; one with an open quote or here-document takes in those that follow. */
  readonly script: string;
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly withinMs: number;
  /** What a person waits for after a line, as a command; null: nothing. */
  readonly waitAfter?: (line: string) => string | null;
}

const MARK = '\u0001';
/** Tells where the output of a line begins, and when. */
const marked = (at: number) => `printf '\\001%s %s\\n' ${at} "$(date +%s.%N)"`;

/**
 * Types a script into one `sh`, line by line. Throws with all outputs if a line fails. What was started in the background is
 * ended with the shell.
 */
export async function typeScript({
  script,
  folder,
  env = {},
  withinMs,
  waitAfter,
}: Typing): Promise<readonly TypedLine[]> {
  const lines = commandsOf(script);
  const typed = lines.flatMap((line, at) => {
    const wait = waitAfter?.(line) ?? null;
    return [marked(at), line, ...(wait === null ? [] : [wait])];
  });
  // What the last line with an ampersand started ends with the shell.
  const end = '[ -z "$!" ] || kill "$!" || true; wait';
  const scratch = mkdtempSync(join(tmpdir(), 'ovadex-typed-'));
  const file = join(scratch, 'script');
  writeFileSync(file, `trap '${end}' EXIT\nset -e\n${typed.join('\n')}\n${marked(lines.length)}\n`);
  // Into a file: of a pipe, a daemon in the background would make one that a program beside it can't write to when it is full.
  const outputs = openSync(join(scratch, 'output'), 'w');
  // In a session of its own, so that what hangs is ended as a whole.
  const child = spawn('sh', [file], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', outputs, outputs],
    detached: true,
  });
  closeSync(outputs);
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), withinMs);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  const output = readFileSync(join(scratch, 'output'), 'utf8');
  overhearText(script.split('\n')[0] ?? '', output);
  rmSync(scratch, { recursive: true });
  if (code !== 0) throw new Error(`the shell ended with ${code}:\n${output.replaceAll(MARK, '-- ')}`);
  return readTyped(lines, output);
}

function readTyped(lines: readonly string[], output: string): readonly TypedLine[] {
  const parts = output
    .split(MARK)
    .slice(1)
    .map((part) => ({ at: Number(part.split(' ')[1]?.split('\n')[0]), text: part.slice(part.indexOf('\n') + 1) }));
  return lines.map((line, at) => {
    const [began = 0, ended = 0] = [parts[at]?.at, parts[at + 1]?.at];
    return { line, output: parts[at]?.text ?? '', seconds: ended - began };
  });
}

/** The commands of a script, those of several lines whole: here-documents and quotes that are still open. */
function commandsOf(script: string): readonly string[] {
  const commands: string[] = [];
  let open: string[] = [];
  for (const line of script.split('\n')) {
    if (open.length === 0 && (line.trim() === '' || line.startsWith('#'))) continue;
    open.push(line);
    const [, word] = /<<'(\w+)'/.exec(open[0] ?? '') ?? [];
    if (word !== undefined && line !== word) continue;
    commands.push(open.join('\n'));
    open = [];
  }
  return commands;
}
