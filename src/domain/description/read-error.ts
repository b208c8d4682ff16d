import { FileChanged, OvadexError } from '../model/errors.js';
import type { RangeAnswer } from './reading.js';

/** An answer without the bytes that were asked for. */
export type Unread = Exclude<RangeAnswer, { readonly kind: 'bytes' }>;

/** Returns the error for a file that could not be read, in the words of its storage. */
export function readError(answer: Unread): OvadexError {
  switch (answer.kind) {
    case 'changed':
      return new FileChanged(answer.detail);
    case 'unseekable':
      return new OvadexError('storage', 'the storage gives no parts of files');
    case 'failed': {
      if (answer.failure !== 'not-found') return new OvadexError('storage', answer.detail);
      return new OvadexError('not-found', `it can't be read: ${answer.detail}`);
    }
  }
}
