import { describe, expect, it, vi } from 'vitest';
import { createLogIn } from '../../src/auth/log-in.js';
import type { CredentialAnswer, LogInCaller } from '../../src/domain/hosts/log-in-proof.js';

const CALLER: LogInCaller = { address: '192.0.2.1', network: '192.0.2.1', isKnown: false };

/** A storage that takes `tookMs` for each answer, by a clock of its own. */
function createScene(answer: CredentialAnswer | (() => Promise<CredentialAnswer>) = 'good') {
  const scene = { answer, tookMs: 40, now: 0, waits: [] as number[] };
  const check = vi.fn(async (_user: string, _password: string, _caller: LogInCaller, _signal: AbortSignal) => {
    scene.now += scene.tookMs;
    return typeof scene.answer === 'function' ? scene.answer() : scene.answer;
  });
  const ask = createLogIn({
    check,
    now: () => scene.now,
    random: () => 0,
    async sleep(ms) {
      scene.waits.push(ms);
      scene.now += ms;
    },
  });
  const logIn = (user: string, password: string) => ask(user, password, CALLER);
  return Object.assign(scene, { check, logIn });
}

describe('a log-in', () => {
  it.each<[CredentialAnswer, string]>([
    ['good', 'good'],
    ['refused', 'refused'],
    ['no-space', 'refused'],
    ['unavailable', 'unavailable'],
  ])('whose storage says %s is %s, after one question', async (answer, result) => {
    const { logIn, check } = createScene(answer);
    expect(await logIn('jm', 'secret')).toBe(result);
    expect(check.mock.calls.map(([user, password]) => [user, password])).toEqual([['jm', 'secret']]);
  });

  it.each([
    ['jm', ''],
    ['', 'secret'],
    ['', ''],
  ])('without a name or a password asks nobody: %j %j', async (user, password) => {
    const { logIn, check } = createScene();
    expect(await logIn(user, password)).toBe('refused');
    expect(check).not.toHaveBeenCalled();
  });

  it('that its storage must not be asked about is refused at once, with the time of the next', async () => {
    const scene = createScene({ retryAt: 1_800_000_000_000 });
    scene.tookMs = 0;
    expect(await scene.logIn('jm', 'secret')).toEqual({ retryAt: 1_800_000_000_000 });
    expect([scene.waits, scene.check.mock.calls[0]?.[2]]).toEqual([[], CALLER]);
  });

  it('that is good does not wait', async () => {
    const scene = createScene('good');
    await scene.logIn('jm', 'secret');
    expect(scene.waits).toEqual([]);
  });

  it('that is refused takes half a second, whoever it is', async () => {
    const scene = createScene('refused');
    await scene.logIn('jm', 'wrong');
    expect(scene.now).toBe(500);
    scene.answer = 'no-space';
    scene.tookMs = 0;
    await scene.logIn('nobody', 'wrong');
    expect(scene.now).toBe(1_000);
    await scene.logIn('jm', '');
    expect(scene.now).toBe(1_500);
  });

  it('of a user without a space takes as long as a slow storage took', async () => {
    const scene = createScene('refused');
    scene.tookMs = 3_000;
    await scene.logIn('jm', 'wrong');
    expect(scene.waits).toEqual([]);
    scene.answer = 'no-space';
    scene.tookMs = 10;
    scene.now = 0;
    await scene.logIn('nobody', 'wrong');
    expect(scene.now).toBe(3_000);
  });

  it('takes only the last refusals for how long one takes', async () => {
    const scene = createScene('refused');
    scene.tookMs = 3_000;
    await scene.logIn('jm', 'wrong');
    scene.tookMs = 600;
    for (let i = 0; i < 16; i++) await scene.logIn('jm', 'wrong');
    scene.answer = 'no-space';
    scene.tookMs = 0;
    scene.now = 0;
    await scene.logIn('nobody', 'wrong');
    expect(scene.now).toBe(600);
  });

  it('is unavailable at once where too many are on their way already', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const scene = createScene(async () => {
      await held;
      return 'good';
    });
    const running = Array.from({ length: 64 }, (_, i) => scene.logIn(`user${i}`, 'secret'));
    expect(await scene.logIn('jm', 'secret')).toBe('unavailable');
    expect(scene.check).toHaveBeenCalledTimes(64);
    release();
    expect(new Set(await Promise.all(running))).toEqual(new Set(['good']));
    expect(await scene.logIn('jm', 'secret')).toBe('good');
  });

  it('is unavailable when its time is up, and lets other errors through', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());
    const scene = createScene(() => Promise.reject(new Error('aborted')));
    expect(await scene.logIn('jm', 'secret')).toBe('unavailable');
    expect(timeout).toHaveBeenCalledWith(15_000);
    timeout.mockRestore();
    await expect(scene.logIn('jm', 'secret')).rejects.toThrow('aborted');
  });
});
