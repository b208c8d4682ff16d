import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { OvadexError } from '../../domain/model/errors.js';
import type { Terminal } from './io.js';

/** Input from a terminal. */
export type Keyboard = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Asks questions on the terminal, one after the other. */
export interface Ask {
  /** Returns the trimmed answer, or `byDefault` if it is empty; asks again if both are. */
  text(question: string, byDefault?: string): Promise<string>;
  /** Asks without showing what is typed. */
  secret(question: string): Promise<string>;
  /** Whether the input has ended, so that no answer can come. */
  isOver(): boolean;
  close(): void;
}

/**
 * Questions reject with OvadexError `usage` at the end of input, at Ctrl-C (a key like any other in this terminal mode)
 * and on an abort.
 */
export function createAsk(keyboard: Keyboard, stderr: Terminal, signal: AbortSignal): Ask {
  let isHidden = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: keyboard, output, terminal: keyboard.isTTY === true });
  const ended = new AbortController();
  lines.once('close', () => ended.abort());
  const either = AbortSignal.any([signal, ended.signal]);

  const ask = (question: string) =>
    new Promise<string>((resolve, reject) => {
      const end = () => reject(new OvadexError('usage', 'ended before all was answered; nothing was written'));
      if (either.aborted) return end();
      either.addEventListener('abort', end, { once: true });
      lines.question(question, (answer) => {
        either.removeEventListener('abort', end);
        resolve(answer);
      });
    });

  return {
    async text(question, byDefault = '') {
      for (;;) {
        const given = (await ask(byDefault === '' ? `${question}: ` : `${question} [${byDefault}]: `)).trim();
        if (given !== '' || byDefault !== '') return given === '' ? byDefault : given;
      }
    },
    async secret(question) {
      stderr.write(`${question}: `);
      isHidden = true;
      try {
        return await ask('');
      } finally {
        isHidden = false;
        stderr.write('\n');
      }
    },
    isOver: () => either.aborted,
    close: () => lines.close(),
  };
}
