import { describe, expect, it } from 'vitest';
import { isSentByAnother, type Sending } from '../../../src/domain/webhooks/sending.js';

const NOW = 1_000;

describe('a message is being sent by another crawler', () => {
  it.each<[string, Sending | undefined, boolean]>([
    ['no: nobody sends it', undefined, false],
    ['no: it is this one', { sender: 'a', until: NOW + 1 }, false],
    ['yes, until its time is over', { sender: 'b', until: NOW + 1 }, true],
    ['no: its time is over', { sender: 'b', until: NOW }, false],
  ])('%s', (_, sending, expected) => {
    expect(isSentByAnother(sending, 'a', NOW)).toBe(expected);
  });
});
