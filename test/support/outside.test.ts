import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { watch, watchFile } from 'node:fs';
import { watch as watchByIteration } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { takeRefused } from './outside.js';

const OUTSIDE: readonly (readonly [what: string, open: () => unknown])[] = [
  ['a socket that listens', () => createServer().listen(0, '127.0.0.1')],
  ['a connection', () => connect(9, '127.0.0.1')],
  ['a socket', () => createSocket('udp4').bind(0, '127.0.0.1')],
  ['a watcher of files', () => watch(import.meta.dirname)],
  ['a watcher of files', () => watchFile(import.meta.filename, () => {})],
  ['a watcher of files', () => watchByIteration(import.meta.dirname)],
  ['a program', () => spawn('true')],
  ['a thread', () => new Worker('', { eval: true })],
  ['a database', () => new Database(':memory:')],
];

describe('a unit test', () => {
  it.each(OUTSIDE)('is refused %s, and told where it belongs', (what, open) => {
    expect(open).toThrow(`${what} in a test of logic alone: its file has to be named *.integration.test.ts`);
    expect(takeRefused()).toEqual([expect.stringContaining(import.meta.filename)]);
  });

  it('is told of what was refused even if the code that it tests takes that for an error of its own', async () => {
    await fetch('http://127.0.0.1:8080/').catch(() => {});
    expect(takeRefused()).toEqual([expect.stringContaining('a connection')]);
  });
});
