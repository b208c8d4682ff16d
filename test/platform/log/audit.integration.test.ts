import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAudit } from '../../../src/platform/log/audit.js';
import { makePipe } from '../../support/make-pipe.js';

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

  it('says who did what, when and from where, in a file that is its owner’s alone and in the log', async () => {
    const audit = auditAt('info');
    await audit(ENTRY);
    await audit({ ...ENTRY, outcome: 'refused: 404' });
    const line = { time: '1970-01-01T00:00:00.000Z', audit: true, ...ENTRY };
    expect(lines()).toEqual([line, { ...line, outcome: 'refused: 404' }]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ msg: 'audit', audit: true, ...ENTRY });
  });

  it.each(['warn', 'error'])('is in the log at its level %s, too', async (level) => {
    await auditAt(level)(ENTRY);
    expect(logged).toHaveLength(1);
  });

  it('keeps an entry where all hosts’ are as well, by the time that it is answered, and cut as the line is', async () => {
    const kept: object[] = [];
    const log = { info: () => undefined, error: () => undefined };
    const audit = createAudit(directory, { clock: () => 0, log, keep: async (entry) => void kept.push(entry) });
    await audit({ ...ENTRY, by: 'x'.repeat(200) });
    expect(kept).toEqual([{ ...ENTRY, by: expect.stringMatching(/^x+.*\(200 characters\)$/u) }]);
    expect(lines()).toMatchObject(kept);
  });

  it.each([
    ['the file can’t be written', 'file', 'could not write the audit log'],
    ['the place of all hosts can’t', 'place', 'could not write the audit log of all hosts'],
  ])('loses neither silently because %s', async (_what, broken, message) => {
    const kept: object[] = [];
    const errors: string[] = [];
    const log = { info: () => undefined, error: (_details: object, text: string) => void errors.push(text) };
    if (broken === 'file') mkdirSync(file());
    const keep = async (entry: object) => {
      if (broken === 'place') throw new Error('the database is away');
      kept.push(entry);
    };
    await createAudit(directory, { clock: () => 0, log, keep })(ENTRY);
    expect(errors).toEqual([message]);
    expect(broken === 'file' ? kept : lines()).toMatchObject([ENTRY]);
  });

  it('begins a new file when the old one is long, and keeps that one', async () => {
    writeFileSync(file(), '');
    truncateSync(file(), 16 * 1024 * 1024 + 1);
    await auditAt('info')(ENTRY);
    expect(lines()).toHaveLength(1);
    expect(readdirSync(directory).sort()).toEqual(['audit.log', 'audit.log.1']);
  });

  it('keeps eight files beside the current one, each turned once', async () => {
    for (let n = 1; n <= 8; n++) writeFileSync(`${file()}.${n}`, `${n}`);
    writeFileSync(file(), '');
    truncateSync(file(), 16 * 1024 * 1024 + 1);
    for (let n = 0; n < 3; n++) await auditAt('info')(ENTRY);
    expect(lines()).toHaveLength(3);
    expect(readFileSync(`${file()}.2`, 'utf8')).toBe('1');
    expect(readFileSync(`${file()}.8`, 'utf8')).toBe('7');
    expect(readdirSync(directory)).toHaveLength(9);
  });

  it.each([
    ['another process turns files', 0, 1],
    ['one was killed at it an hour ago', 3_600_000, 2],
  ])('writes on where %s, and turns them when that is over', async (_, agoMs, written) => {
    writeFileSync(file(), '');
    truncateSync(file(), 16 * 1024 * 1024 + 1);
    const mark = `${file()}.turning`;
    writeFileSync(mark, '');
    const at = (Date.now() - agoMs) / 1000;
    utimesSync(mark, at, at);
    for (let n = 0; n < written; n++) await auditAt('info')(ENTRY);
    expect(existsSync(`${file()}.1`)).toBe(written === 2);
    expect(existsSync(mark)).toBe(written === 1);
  });

  it('cuts long values, so that nobody flushes out what was before, and escapes what steers a terminal', async () => {
    const user = `${'\u{1f600}'.repeat(60)}${'x'.repeat(16_000)}`;
    await auditAt('info')({ ...ENTRY, by: user, details: { user, count: 3, name: 'a\u009b31m\u202e\u007f' } });
    const [line] = lines() as [{ by: string; details: { user: string; count: number; name: string } }];
    expect(JSON.stringify(line).length).toBeLessThan(600);
    expect(line.details.user).toMatch(/^(\u{1f600})+… \(16120 characters\)$/u);
    expect(line.by).toBe(line.details.user);
    expect(line.details.count).toBe(3);
    expect(line.details.name).toBe('a\u009b31m\u202e\u007f');
    expect(readFileSync(file(), 'utf8')).not.toMatch(/[\u007f-\u009f\u202e]/);
  });

  it.each<[string, (victim: string) => void]>([
    ['a link', (victim) => symlinkSync(victim, file())],
    ['a link to nowhere', () => symlinkSync(join(directory, 'nowhere'), file())],
    ['a second name of another file', (victim) => linkSync(victim, file())],
    ['a folder', () => mkdirSync(file())],
    ['a pipe', () => makePipe(file())],
  ])('writes to no other file through %s', async (_, plant) => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'mine');
    plant(victim);
    await auditAt('error')(ENTRY);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(existsSync(join(directory, 'nowhere'))).toBe(false);
    expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({ level: 50, ...ENTRY });
  });

  it('lets what is done be done where it can not be written, and says so in the log', async () => {
    rmSync(directory, { recursive: true });
    await auditAt('error')(ENTRY);
    expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({ level: 50, ...ENTRY, err: { code: 'ENOENT' } });
  });
});
