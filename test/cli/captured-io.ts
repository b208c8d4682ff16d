import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { Io, Terminal } from '../../src/cli/terminal/io.js';

export interface CapturedIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  readonly process: EventEmitter;
}

/** Streams that keep what is written, and a process to send signals to. */
export function captureIo({ isTTY = false } = {}): CapturedIo {
  const stdout = capture(isTTY);
  const stderr = capture(isTTY);
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    process: new EventEmitter(),
    env: {},
    out: stdout.text,
    err: stderr.text,
  };
}

function capture(isTTY: boolean): { stream: Terminal; text: () => string } {
  const chunks: string[] = [];
  const writable = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(writable, { isTTY, columns: 100 }), text: () => chunks.join('') };
}
