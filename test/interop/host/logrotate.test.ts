import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { AuditEntry } from '../../../src/domain/model/audit.js';
import { createAudit } from '../../../src/platform/log/audit.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { endChild } from '../../support/servers/server-process.js';

const program = findProgram('logrotate');
const WITHIN_MS = 20_000;

describeInstalled('the rotation of logs', [program === null ? 'logrotate (Debian: logrotate)' : null], () => {
  const setUp = () => {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-rotate-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'log'));
    mkdirSync(join(folder, 'data'), { mode: 0o750 });
    const text = readFileSync(new URL('../../../config/logrotate/ovadex', import.meta.url), 'utf8')
      .replaceAll('/var/log/ovadex', join(folder, 'log'))
      .replaceAll('/var/lib/ovadex', join(folder, 'data'))
      .replace('  su ovadex ovadex\n', '');
    writeFileSync(join(folder, 'conf'), text);
    chmodSync(join(folder, 'conf'), 0o644);
    const rotate = (...flags: readonly string[]) =>
      promisify(execFile)(program ?? '', [...flags, '--state', join(folder, 'state'), join(folder, 'conf')], {
        timeout: WITHIN_MS,
      });
    return { folder, rotate };
  };

  it('finds nothing wrong with the configuration', async () => {
    const { rotate } = setUp();
    expect((await rotate('--debug')).stderr).not.toMatch(/error/i);
  });

  it('loses no line of a daemon that appends to its log, and goes on in the same file', async () => {
    const { folder, rotate } = setUp();
    const log = join(folder, 'log/ovadex.log');
    const child = spawn('sh', ['-c', `exec sh -c 'while read -r line; do echo "$line"; done' >>'${log}'`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    onTestFinished(() => endChild(child));
    const say = async (line: string) => {
      child.stdin.write(`${line}\n`);
      await vi.waitUntil(() => readFileSync(log, 'utf8').includes(line), { timeout: WITHIN_MS, interval: 20 });
    };
    await vi.waitUntil(() => readdirSync(join(folder, 'log')).length > 0, { timeout: WITHIN_MS, interval: 20 });
    await say('first');
    await rotate('--force');
    await say('second');
    expect(readFileSync(log, 'utf8')).toBe('second\n');
    expect(readFileSync(`${log}.1`, 'utf8')).toBe('first\n');
  });

  it('keeps every act', async () => {
    const { folder, rotate } = setUp();
    const data = join(folder, 'data');
    const log = { info: () => undefined, error: vi.fn() };
    const audit = createAudit(data, { clock: Date.now, log });
    const act: AuditEntry = { act: 'token revoke', by: 'admin', from: '', details: {}, outcome: 'done' };
    for (let round = 0; round < 3; round += 1) {
      await audit(act);
      if (round === 0) await rotate('--force');
    }
    const lines = readdirSync(data).flatMap((name) => readFileSync(join(data, name), 'utf8').trim().split('\n'));
    expect(lines).toHaveLength(3);
    expect(readdirSync(data)).toEqual(['audit.log', expect.stringMatching(/^audit\.log-\d{8}$/)]);
    expect(log.error).not.toHaveBeenCalled();
  });

  it('leaves alone what the program has named by numbers', async () => {
    const { folder, rotate } = setUp();
    const data = join(folder, 'data');
    const numbered = Array.from({ length: 8 }, (_, n) => `audit.log.${n + 1}`);
    for (const name of ['audit.log', ...numbered]) writeFileSync(join(data, name), `${name}\n`);
    await rotate('--force');
    await rotate('--force');
    for (const name of numbered) expect(readFileSync(join(data, name), 'utf8')).toBe(`${name}\n`);
    const others = readdirSync(data).filter((name) => !numbered.includes(name));
    expect(others).toEqual([expect.stringMatching(/^audit\.log-\d{8}$/)]);
  });
});
