import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** The same as the shell does, where that isn't installed. */
const IN_PYTHON = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=0)
print(db.execute(sys.argv[2]).fetchone()[0])
db.close()`;

const hasShell = spawnSync('sqlite3', ['--version']).status === 0;

/** Opens a database as another program does, asks for one value and closes it again; answers its exit code and the value. */
export async function askByShell(file: string, sql: string): Promise<{ code: number | null; value: string }> {
  const [program, args] = hasShell ? ['sqlite3', [file, sql]] : ['python3', ['-c', IN_PYTHON, file, sql]];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let value = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    value += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, value: value.trim() };
}
