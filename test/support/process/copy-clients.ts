import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from '../../docs/documents.js';
import { overhear } from '../secrets.js';
import { findProgram } from './installed.js';

/** A program of the documents that keeps a copy of the list in a file. */
export interface CopyClient {
  readonly language: 'bash' | 'Python' | 'TypeScript';
  /** What this machine lacks to run it. */
  readonly missing: string | null;
  /** The program, and what it is given before the program's file. */
  readonly command: readonly [string, ...string[]];
  readonly fileName: string;
  readonly text: () => string;
}

/** What a running one is told by its environment. */
export type CopyEnvironment = { readonly OVADEX: string; readonly TOKEN: string };

export interface RunningCopy {
  /** Its exit code, and what has ended it otherwise. */
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
  /** What it has said is wrong. */
  errors(): string;
  /** Ends it by SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

const DOCUMENT = 'src/http/README.md';
const missing = (...names: readonly string[]) => names.find((name) => findProgram(name) === null) ?? null;
/** The only block of its kind. */
const only = ([block, ...others]: readonly { readonly text: string }[]) => {
  if (block === undefined || others.length > 0) throw new Error(`${DOCUMENT} has to have one block for each language`);
  return block.text;
};

export const COPY_CLIENTS: readonly CopyClient[] = [
  {
    language: 'bash',
    missing: missing('bash', 'curl', 'jq'),
    command: ['bash'],
    fileName: 'copy.sh',
    text: () => only(blocksOf(DOCUMENT, 'sh', 'copy')),
  },
  {
    language: 'Python',
    missing: missing('python3'),
    command: ['python3'],
    fileName: 'copy.py',
    text: () => only(blocksOf(DOCUMENT, 'py', 'copy')),
  },
  {
    language: 'TypeScript',
    missing: null,
    command: [process.execPath, '--import', 'tsx'],
    fileName: 'copy.mts',
    text: () => only(blocksOf(DOCUMENT, 'ts', 'copy')),
  },
];

/** Writes the program into this folder, and returns its path. */
export function saveCopyClient({ fileName, text }: CopyClient, folder: string): string {
  const file = join(folder, fileName);
  writeFileSync(file, text());
  return file;
}

/** Starts a program that was saved before; it keeps its copy in the file `copy`. */
export function startCopy(client: CopyClient, program: string, copy: string, env: CopyEnvironment): RunningCopy {
  const [command, ...args] = client.command;
  const child = spawn(command, [...args, program, copy], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  overhear(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  // Not its pipe: what a killed shell has left behind may hold that for a while.
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    exited,
    errors: () => errors,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
