import { appendFileSync, linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAudit } from '../../../src/platform/log/audit.js';
import { readAuditTrail } from '../../../src/platform/log/audit-trail.js';
import { makePipe } from '../../support/make-pipe.js';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ovadex-audit-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const line = (act: string, details: object = {}) =>
  `${JSON.stringify({ time: new Date(NOW).toISOString(), audit: true, act, by: 'root', from: 'here', details, outcome: 'done' })}\n`;
const write = (content: string, name = 'audit.log') => writeFileSync(join(directory, name), content);
const acts = async (atMost = 100) => (await readAuditTrail(directory, atMost)).map(({ act }) => act);

it('reads what was written, the newest first', async () => {
  let now = NOW;
  const audit = createAudit(directory, { clock: () => now++, log: { info: () => {}, error: () => {} } });
  const details = { user: 'jm', images: 7, all: true, mode: null };
  await audit({ act: 'sync', by: 'root', from: '192.0.2.7', details, outcome: 'done' });
  await audit({ act: 'keep', by: 'kim', from: 'command line', details: {}, outcome: 'refused: 409' });
  expect(await readAuditTrail(directory, 100)).toEqual([
    { time: NOW + 1, host: null, act: 'keep', by: 'kim', from: 'command line', details: {}, outcome: 'refused: 409' },
    { time: NOW, host: null, act: 'sync', by: 'root', from: '192.0.2.7', details, outcome: 'done' },
  ]);
});

it('is empty before anything was done', async () => {
  expect(await acts()).toEqual([]);
  write('');
  expect(await acts()).toEqual([]);
});

it('reads older files if the newest has too few, even while one of them is missing', async () => {
  write(line('e') + line('f'));
  write(line('c') + line('d'), 'audit.log.1');
  write(line('a') + line('b'), 'audit.log.3');
  expect(await acts()).toEqual(['f', 'e', 'd', 'c', 'b', 'a']);
  expect(await acts(3)).toEqual(['f', 'e', 'd']);
  expect(await acts(2)).toEqual(['f', 'e']);
});

it('reads a file once that is rotated after it was read, and meets it again under its next name', async () => {
  write(line('c'));
  linkSync(join(directory, 'audit.log'), join(directory, 'audit.log.1'));
  write(line('a') + line('b'), 'audit.log.2');
  expect(await acts()).toEqual(['c', 'b', 'a']);
});

it('passes over what is no entry', async () => {
  const odd = ['', '{"time":', '7', 'null', '{"act":"x","outcome":"done"}', '{"time":"never","act":"x","outcome":"y"}'];
  write(`${line('a')}${odd.join('\n')}\n${line('b')}{"time":"2026-`);
  expect(await acts()).toEqual(['b', 'a']);
});

it('keeps of the details only what has one value', async () => {
  write(line('a', { user: 'jm', more: { x: 1 }, list: [1] }));
  expect((await readAuditTrail(directory, 1))[0]?.details).toEqual({ user: 'jm' });
});

it('reads entries whole wherever they lie in the file, in whatever alphabet', async () => {
  const many = Array.from({ length: 3_000 }, (_, at) => `${at} ${'ä€𝄞'.repeat(at % 40)}`);
  write(many.map((act) => line(act)).join(''));
  expect(await acts(3_000)).toEqual(many.toReversed());
});

it('reads no more than some megabytes, and nothing that goes on without an end', async () => {
  write(line('first') + `${'x'.repeat(1_000)}\n`.repeat(6_000));
  expect(await acts()).toEqual([]);
  write(`${line('first')}${'x'.repeat(2_000_000)}\n${line('last')}`);
  expect(await acts()).toEqual(['last']);
});

it('reads neither through a link nor from a pipe, for which it would wait', async () => {
  write(line('secret'), 'other');
  symlinkSync(join(directory, 'other'), join(directory, 'audit.log'));
  makePipe(join(directory, 'audit.log.1'));
  appendFileSync(join(directory, 'audit.log.2'), line('a'));
  expect(await acts()).toEqual(['a']);
});
