import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAudit } from '../../src/platform/audit.js';

const ENTRY = { act: 'accept', by: 'root', from: '192.0.2.7', details: { user: 'jm' }, outcome: 'done' };

describe('the audit', () => {
  let directory: string;
  let logged: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ovadex-audit-'));
    logged = [];
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const file = () => join(directory, 'audit.log');
  const lines = () =>
    readFileSync(file(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
  const auditAt = (level: string) => {
    const logger = pino({ level }, { write: (line: string) => void logged.push(line) });
    return createAudit(directory, { clock: () => 0, log: logger.child({}, { level: 'info' }) });
  };

  it('says who did what, when and from where, in a file that is its owner’s alone and in the log', () => {
    const audit = auditAt('info');
    audit(ENTRY);
    audit({ ...ENTRY, outcome: 'refused: 404' });
    const line = { time: '1970-01-01T00:00:00.000Z', audit: true, ...ENTRY };
    expect(lines()).toEqual([line, { ...line, outcome: 'refused: 404' }]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ msg: 'audit', audit: true, ...ENTRY });
  });

  it.each(['warn', 'error'])('is in the log at its level %s, too', (level) => {
    auditAt(level)(ENTRY);
    expect(logged).toHaveLength(1);
  });

  it('begins a new file when the old one is long, and keeps that one', () => {
    writeFileSync(file(), '');
    truncateSync(file(), 16 * 1024 * 1024 + 1);
    auditAt('info')(ENTRY);
    expect(lines()).toHaveLength(1);
    expect(readdirSync(directory).sort()).toEqual(['audit.log', 'audit.log.1']);
  });

  it('lets what is done be done where it can not be written, and says so in the log', () => {
    rmSync(directory, { recursive: true });
    auditAt('error')(ENTRY);
    expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({ level: 50, ...ENTRY, err: { code: 'ENOENT' } });
  });
});
