import { expect, test, vi } from 'vitest';
import { createGuessBudget, type EnteredGuess } from '../../src/auth/guess-budget.js';
import { createLocalCounts } from '../../src/auth/local-counts.js';
import { guessLimits } from '../../src/domain/hosts/lock-out.js';

const CLOUD = 'https://cloud.example.org';
const NEVER = new AbortController().signal;
const MINUTE = 60_000;

function createScene() {
  const time = { now: 1_800_000_000_000 };
  const onExhausted = vi.fn();
  const budget = createGuessBudget(
    createLocalCounts(() => time.now),
    onExhausted,
  );
  const enter = (
    network: string,
    { user = 'jm', isKnown = false, limit = 4 as number | null, at = CLOUD, isByClient = false } = {},
  ) => {
    const limits = limit === null ? null : guessLimits(limit, isByClient);
    return budget.enter(at, { user, caller: { address: network, network, isKnown }, limits }, NEVER);
  };
  const guess = async (network: string, options?: Parameters<typeof enter>[1]) => {
    const entered = await enter(network, options);
    if ('retryAt' in entered) return (entered.retryAt - time.now) / MINUTE;
    await entered.leave(true);
    return 'refused';
  };
  return { time, budget, enter, guess, onExhausted };
}

test('three strangers may fail at a storage in half an hour; then each is told when to come again', async () => {
  const { guess, time, onExhausted } = createScene();
  for (const network of ['a', 'b']) expect(await guess(network)).toBe('refused');
  expect(onExhausted).not.toHaveBeenCalled();
  time.now += 10 * MINUTE;
  expect(await guess('c')).toBe('refused');
  expect(onExhausted.mock.calls).toEqual([[CLOUD, time.now + 20 * MINUTE, { all: 4, perAddress: null }]]);
  for (const network of ['a', 'b', 'c', 'd']) expect(await guess(network)).toBe(20);
  expect(await guess('d', { at: 'https://other.example.org' })).toBe('refused');
  time.now += 20 * MINUTE;
  expect(await guess('d')).toBe('refused');
});

test('whoever is known at a place keeps a share, which one of them alone can not use up for the others', async () => {
  const { guess, enter } = createScene();
  for (const network of ['a', 'b', 'c']) await guess(network);
  const good = (await enter('home', { isKnown: true })) as EnteredGuess;
  await good.leave(false);
  expect(await guess('home', { isKnown: true })).toBe('refused');
  expect(await guess('home', { isKnown: true, user: 'kim' })).toBe(30);
});

test('one place alone shuts out no other', async () => {
  const { guess } = createScene();
  for (let n = 0; n < 2; n++) expect(await guess('a')).toBe('refused');
  for (let n = 0; n < 1_000; n++) expect(await guess('a', { user: `user${n}` })).toBe(30);
  expect(await guess('b')).toBe('refused');
});

test('what is under way may fail, so others wait for its answer', async () => {
  const { enter } = createScene();
  const entered = (await Promise.all(['a', 'b', 'c'].map((network) => enter(network)))) as EnteredGuess[];
  const ended: string[] = [];
  const waiting = ['d', 'e'].map(async (network) => {
    const turn = await enter(network);
    ended.push(network);
    return turn;
  });
  await Promise.resolve();
  expect(ended).toEqual([]);
  await entered[0]?.leave(false);
  await waiting[0];
  expect(ended).toEqual(['d']);
  for (const each of entered.slice(1)) await each.leave(true);
  await ((await waiting[0]) as EnteredGuess).leave(true);
  expect(await waiting[1]).toHaveProperty('retryAt');
});

test('a wait ends with its signal', async () => {
  const { enter, budget } = createScene();
  for (const network of ['a', 'b', 'c']) await enter(network);
  const abort = new AbortController();
  const caller = { address: 'd', network: 'd', isKnown: false };
  const waiting = expect(
    budget.enter(CLOUD, { user: 'jm', caller, limits: guessLimits(4, false) }, abort.signal),
  ).rejects.toThrow('enough');
  abort.abort(new Error('enough'));
  await waiting;
});

test('what a storage counts by the address of clients is shared out among the clients of each', async () => {
  const { guess, onExhausted } = createScene();
  const isByClient = true;
  for (let n = 0; n < 3; n++) expect(await guess('a', { isByClient })).toBe('refused');
  expect(await guess('a', { isByClient })).toBe(30);
  expect(await guess('a', { isByClient, isKnown: true })).toBe('refused');
  expect(await guess('a', { isByClient, isKnown: true, user: 'kim' })).toBe(30);
  for (let n = 0; n < 72; n++) expect(await guess(`b${n}`, { isByClient })).toBe('refused');
  expect(onExhausted).toHaveBeenCalledTimes(1);
  expect(await guess('c', { isByClient })).toBe(30);
  expect(await guess('c', { isByClient, isKnown: true })).toBe('refused');
  expect(await guess('c')).toBe('refused');
});

test('counts nothing twice, and nothing at all without a limit', async () => {
  const { enter, guess } = createScene();
  const once = (await enter('a')) as EnteredGuess;
  for (let n = 0; n < 5; n++) await once.leave(true);
  for (let n = 0; n < 50; n++) expect(await guess('b', { limit: null })).toBe('refused');
  expect(await guess('a')).toBe('refused');
});
