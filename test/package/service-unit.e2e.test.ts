import { execFile } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { installService } from '../../src/platform/service/service-install.js';
import { describeInstalled, findProgram } from '../support/process/installed.js';

const ANALYZE = findProgram('systemd-analyze');
/** Ten times what `systemd-analyze security` shows: redis has 12, and a service without a sandbox 96. */
const MAX_EXPOSURE = 13;

describeInstalled('the unit', [ANALYZE === null ? 'systemd-analyze (Debian: systemd)' : null], () => {
  let directory: string;
  beforeAll(async () => {
    const root = mkdtempSync(join(tmpdir(), 'ovadex-unit-'));
    // As it is installed: the program that it starts must be there.
    const program = [process.execPath, fileURLToPath(new URL('../../src/main.ts', import.meta.url))] as const;
    const run = () => Promise.resolve();
    await installService({ root, isDryRun: false, program, version: '0', isRoot: false, run });
    directory = join(root, 'etc/systemd/system');
    return () => rmSync(root, { recursive: true });
  });
  const analyze = (...args: readonly string[]) => promisify(execFile)(ANALYZE ?? '', args);
  const unit = (name: string) => join(directory, name);

  it('is found to be in order, and so is its socket', async () => {
    const { stdout, stderr } = await analyze('verify', unit('ovadex.service'), unit('ovadex.socket'));
    expect(stdout + stderr).toBe('');
  });

  it('would be found not to be, were there a mistake in it', async () => {
    const wrong = unit('wrong.service');
    copyFileSync(unit('ovadex.service'), wrong);
    onTestFinished(() => rmSync(wrong));
    appendFileSync(wrong, '\n[Service]\nWatchdogSek=1\n');
    const { stdout, stderr } = await analyze('verify', wrong);
    expect(stdout + stderr).toContain('WatchdogSek');
  });

  it('leaves little exposed', async () => {
    const limit = ['--offline=true', `--threshold=${MAX_EXPOSURE}`, '--no-pager'];
    // Above the threshold it ends with 1, which rejects.
    const { stdout } = await analyze('security', ...limit, unit('ovadex.service'));
    const [, exposure] = /Overall exposure level for ovadex\.service: (\d+\.\d)/.exec(stdout) ?? [];
    process.stdout.write(`exposure of ovadex.service by systemd-analyze security: ${exposure}\n`);
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(MAX_EXPOSURE / 10);
  });
});
