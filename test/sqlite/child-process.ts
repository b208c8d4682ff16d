import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs a TypeScript module of this folder in a process of its own; rejects with what it wrote when it fails. */
export async function runModule(name: string, ...args: readonly string[]): Promise<void> {
  const module = fileURLToPath(new URL(name, import.meta.url));
  await promisify(execFile)(process.execPath, ['--import', 'tsx', module, ...args], { timeout: 30_000 });
}
