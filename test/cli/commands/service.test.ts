import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { captureIo } from '../captured-io.js';

let prefix: string;
beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), 'ovadex-root-'));
  onTestFinished(() => rmSync(prefix, { recursive: true }));
});

async function service(...args: readonly string[]) {
  const io = captureIo();
  const code = await run(['service', ...args, '--prefix', prefix], io);
  return { code, out: io.out(), err: io.err() };
}

describe('ovadex service', () => {
  test('install tells people what it would do, what is left to do, and writes nothing', async () => {
    const { code, out } = await service('install', '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(/^Nothing is written or run/);
    expect(out).toMatch(/^created {4}\/etc\/systemd\/system\/ovadex\.service$/m);
    expect(out).toMatch(/^ {2}systemctl enable --now ovadex\.service$/m);
    expect(readdirSync(prefix)).toEqual([]);
  });

  test('install tells programs the same', async () => {
    const { code, out } = await service('install', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      dryRun: true,
      steps: expect.arrayContaining([{ what: '/etc/systemd/system/ovadex.service', done: 'created' }]) as unknown,
      next: expect.arrayContaining(['systemctl enable --now ovadex.service']) as unknown,
    });
  });

  test('uninstall says that there is nothing to remove', async () => {
    const { code, out } = await service('uninstall', '--json');
    expect(code).toBe(0);
    const { steps } = JSON.parse(out) as { steps: { done: string }[] };
    expect(new Set(steps.map(({ done }) => done))).toEqual(new Set(['absent', 'skipped']));
  });
});
