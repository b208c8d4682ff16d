import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^ovadex-growth-(\d+)$/;

/** A folder for gigabytes, named after this process; whatever one that was killed has left goes first. */
export function makeScratch(): { readonly path: string; remove(): void } {
  for (const entry of readdirSync(tmpdir())) {
    const pid = NAME.exec(entry)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(tmpdir(), entry), { recursive: true, force: true });
  }
  const path = join(tmpdir(), `ovadex-growth-${process.pid}`);
  mkdirSync(path, { mode: 0o700 });
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return { path, remove };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
