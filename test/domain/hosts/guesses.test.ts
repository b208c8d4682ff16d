import { expect, test } from 'vitest';
import { type Guess, turnOf } from '../../../src/domain/hosts/guesses.js';
import {
  FAILURES_OF_CRAWLS,
  FAILURES_OF_LOG_INS,
  guessLimits,
  LOCK_OUT_FAILURES,
} from '../../../src/domain/hosts/lock-out.js';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

const stranger = (from: string, minutesAgo = 1): Guess => ({
  at: NOW - minutesAgo * MINUTE,
  from,
  network: from,
  isKnown: false,
});
const known = (from: string, minutesAgo = 1): Guess => ({ ...stranger(from, minutesAgo), isKnown: true });
/** A user who is known at a place. */
const user = (name: string, network: string, minutesAgo = 1): Guess => ({
  ...known(`${network} ${name}`, minutesAgo),
  network,
});
const times = (count: number, guess: (n: number) => Guess) => Array.from({ length: count }, (_, n) => guess(n));
const inMinutes = (minutes: number) => ({ retryAt: NOW + minutes * MINUTE });

test.for<[string, { refused?: Guess[]; asked?: Guess[] }, Guess, number, ReturnType<typeof turnOf>]>([
  ['nothing has failed', {}, stranger('a'), 4, 'ask'],
  ['two failed elsewhere', { refused: [stranger('b'), stranger('c')] }, stranger('a'), 4, 'ask'],
  ['one failed there', { refused: [stranger('a')] }, stranger('a'), 4, 'ask'],
  ['two failed there', { refused: [stranger('a', 5), stranger('a', 2)] }, stranger('a'), 4, inMinutes(25)],
  [
    'three strangers failed',
    { refused: [stranger('b', 29), stranger('c', 2), stranger('d', 1)] },
    stranger('a'),
    4,
    inMinutes(1),
  ],
  [
    'three strangers failed, and the user is known there',
    { refused: [stranger('b'), stranger('c'), stranger('d')] },
    known('a'),
    4,
    'ask',
  ],
  [
    'four failed, and the user is known there',
    { refused: [stranger('b', 7), stranger('c', 6), stranger('d', 5), known('e', 4)] },
    known('a'),
    4,
    inMinutes(23),
  ],
  ['a known user failed twice', { refused: [known('a', 3), known('a', 2)] }, known('a'), 4, inMinutes(27)],
  [
    'more failed than are allowed by now',
    { refused: [stranger('b', 9), stranger('c', 8), stranger('d', 7)] },
    stranger('a'),
    2,
    inMinutes(23),
  ],
  [
    'three failed, half an hour ago',
    { refused: [stranger('b', 30), stranger('c', 30), stranger('d', 31)] },
    stranger('a'),
    4,
    'ask',
  ],
  [
    'three failed in a future that a clock set back has left',
    { refused: [stranger('b', -5), stranger('c', -5), stranger('d', -5)] },
    stranger('a'),
    4,
    'ask',
  ],
  ['three are being asked', { asked: [stranger('b'), stranger('c'), stranger('d')] }, stranger('a'), 4, 'wait'],
  [
    'two failed and one is being asked',
    { refused: [stranger('b'), stranger('c')], asked: [stranger('d')] },
    stranger('a'),
    4,
    'wait',
  ],
  [
    'two failed and one is being asked, and the user is known there',
    { refused: [stranger('b'), stranger('c')], asked: [stranger('d')] },
    known('a'),
    4,
    'ask',
  ],
  ['two are being asked from there', { asked: [stranger('a'), stranger('a')] }, stranger('a'), 4, 'wait'],
  ['one failed, where only one may', { refused: [stranger('b', 10)] }, stranger('a'), 1, inMinutes(20)],
  ['nothing has failed, where only one may', {}, stranger('a'), 1, 'ask'],
])('a log-in when %s', ([, { refused = [], asked = [] }, caller, limit, turn]) => {
  expect(turnOf({ refused, asked }, caller, guessLimits(limit, false), NOW)).toEqual(turn);
});

test.for<[string, { refused?: Guess[]; asked?: Guess[] }, Guess, ReturnType<typeof turnOf>]>([
  ['nothing has failed', {}, stranger('a'), 'ask'],
  ['many failed elsewhere', { refused: times(70, (n) => stranger(`b${n}`)) }, stranger('a'), 'ask'],
  ['two strangers failed there', { refused: times(2, () => stranger('a')) }, stranger('a'), 'ask'],
  ['three strangers failed there', { refused: times(3, (n) => stranger('a', 9 - n)) }, stranger('a'), inMinutes(21)],
  [
    'three strangers failed there, of whom none is known',
    { refused: times(3, () => stranger('a')) },
    user('jm', 'a'),
    'ask',
  ],
  [
    'four failed there',
    { refused: [...times(3, () => stranger('a')), user('lab', 'a', 5)] },
    user('jm', 'a'),
    inMinutes(25),
  ],
  ['a known user failed there twice', { refused: times(2, () => user('jm', 'a', 3)) }, user('jm', 'a'), inMinutes(27)],
  ['another known user failed there twice', { refused: times(2, () => user('lab', 'a')) }, user('jm', 'a'), 'ask'],
  ['three are being asked from there', { asked: times(3, () => stranger('a')) }, stranger('a'), 'wait'],
  ['75 strangers failed everywhere', { refused: times(75, (n) => stranger(`b${n}`)) }, stranger('a'), inMinutes(29)],
  [
    '75 strangers failed everywhere, of whom none is known',
    { refused: times(75, (n) => stranger(`b${n}`)) },
    user('jm', 'a'),
    'ask',
  ],
  ['100 failed everywhere', { refused: times(100, (n) => known(`b${n}`)) }, user('jm', 'a'), inMinutes(29)],
])(
  'a log-in at a storage that counts by the address of clients when %s',
  ([, { refused = [], asked = [] }, caller, turn]) => {
    expect(turnOf({ refused, asked }, caller, guessLimits(4, true), NOW)).toEqual(turn);
  },
);

test('the address of each client stays below what locks it, and ovadex is no louder than the storage can bear', () => {
  expect(guessLimits(4, true)).toEqual({ all: 100, perAddress: 4 });
  expect(guessLimits(4, false)).toEqual({ all: 4, perAddress: null });
  expect(guessLimits(500, true)).toEqual({ all: 500, perAddress: 500 });
});

test('log-ins and crawls together never reach what locks an address', () => {
  expect(FAILURES_OF_CRAWLS + FAILURES_OF_LOG_INS).toBeLessThanOrEqual(LOCK_OUT_FAILURES);
});
