import { execFile } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { installOvadex } from '../../support/process/ovadex.js';

const HANG_UP = fileURLToPath(new URL('../../support/process/hang-up.py', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
/** A crawl of two small spaces on a busy machine. */
const WITHIN_MS = 60_000;

/** Runs a command on a terminal of its own that is closed once this text has come; answers its exit code. */
async function hangUpAfter(text: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { stdout } = await promisify(execFile)('python3', [HANG_UP, text, process.execPath, ...args], {
    env: { ...process.env, ...env },
    timeout: WITHIN_MS,
  });
  return Number(stdout);
}

it(
  'the demo ends with 0 and leaves no file behind when its terminal is closed',
  async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'ovadex-terminal-'));
    expect(await hangUpAfter('Ctrl-C', [MAIN, 'demo'], { TMPDIR: temporary })).toBe(0);
    await rmdir(temporary); // fails unless it is empty
  },
  WITHIN_MS,
);

it(
  'the daemon ends with 0 when its terminal is closed, though SIGHUP means to reload otherwise',
  async () => {
    const ovadex = await installOvadex();
    onTestFinished(ovadex.remove);
    ovadex.configure({ spaces: [] });
    expect(await hangUpAfter('ovadex serves', ovadex.argv('serve'))).toBe(0);
  },
  WITHIN_MS,
);
