import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OvadexError } from '../../src/domain/model/errors.js';
import { createOutage } from '../../src/postgres/connection/outage.js';

/** After so long without an answer a database may be taken to be away. */
const UNSURE_FOR_MS = 1_000;

function createScene() {
  const scene = { isProven: true, behindMs: 0 };
  const turns: boolean[] = [];
  const outage = createOutage({
    isProven: () => scene.isProven,
    monotonic: () => Date.now() + scene.behindMs,
    onTurn: (isAway) => void turns.push(isAway),
  });
  const never = () => new Promise<string>(() => undefined);
  const refused = () => Promise.reject(new OvadexError('index', 'the database could not be used: ECONNREFUSED'));
  /** How a question ends, or null as long as it is under way. */
  const follow = (question: Promise<string>) => {
    const asked: { end: string | null } = { end: null };
    question.then(
      (answer) => {
        asked.end = answer;
      },
      (error: unknown) => {
        asked.end = (error as OvadexError).code;
      },
    );
    return asked;
  };
  const ask = (read: () => Promise<string>) => follow(outage.ask(read));
  const briefly = (read: () => Promise<string>) => follow(outage.briefly(read));
  return { scene, turns, outage, never, refused, ask, briefly };
}

describe('a database that may be away', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => vi.useRealTimers());

  it('is waited for as long as its line is good', async () => {
    const { outage, never, ask } = createScene();
    const asked = ask(never);
    await vi.advanceTimersByTimeAsync(10 * UNSURE_FOR_MS);
    expect([asked.end, outage.isAway()]).toEqual([null, false]);
  });

  it('is given up after a second without an answer or a good line by whoever has something else, and by nobody else', async () => {
    const { scene, turns, outage, never, ask, briefly } = createScene();
    const patient = ask(never);
    const early = briefly(never);
    await vi.advanceTimersByTimeAsync(UNSURE_FOR_MS / 2);
    scene.isProven = false;
    const late = briefly(never);
    await vi.advanceTimersByTimeAsync(UNSURE_FOR_MS / 2 - 1);
    expect([early.end, late.end]).toEqual([null, null]);
    await vi.advanceTimersByTimeAsync(1);
    expect([early.end, outage.isAway()]).toEqual(['index', true]);
    const read = vi.fn(never);
    const next = briefly(read);
    await vi.advanceTimersByTimeAsync(10 * UNSURE_FOR_MS);
    expect([next.end, late.end, patient.end, read.mock.calls.length, turns]).toEqual(['index', 'index', null, 0, []]);
    scene.isProven = true;
    expect(outage.isAway()).toBe(false);
  });

  it('is known to be away once nothing comes by another way either, to all who wait and whoever asks later', async () => {
    const { scene, turns, outage, never, ask } = createScene();
    scene.isProven = false;
    const asked = ask(never);
    void outage.look(never);
    await vi.advanceTimersByTimeAsync(UNSURE_FOR_MS);
    const read = vi.fn(never);
    const next = ask(read);
    await vi.advanceTimersByTimeAsync(0);
    expect([asked.end, next.end, read.mock.calls.length, turns]).toEqual(['index', 'index', 0, [true]]);
    await expect(outage.send(never)).rejects.toThrow('can not be reached');
  });

  it('is away at once if it refuses while its line is broken, and not if it refuses one question only', async () => {
    const { scene, outage, refused, ask } = createScene();
    ask(refused);
    await vi.advanceTimersByTimeAsync(0);
    expect(outage.isAway()).toBe(false);
    scene.isProven = false;
    ask(refused);
    await vi.advanceTimersByTimeAsync(0);
    expect(outage.isAway()).toBe(true);
  });

  it('is back with a good line, or with an answer to whoever looks after it', async () => {
    const { scene, turns, outage, refused } = createScene();
    scene.isProven = false;
    await outage.look(refused);
    await outage.look(refused);
    outage.noteProven();
    await outage.look(refused);
    await outage.look(async () => 'an answer');
    expect(turns).toEqual([true, false, true, false]);
  });

  it('is not given up by a process that stood still itself', async () => {
    const { scene, outage, never, briefly } = createScene();
    scene.isProven = false;
    const asked = briefly(never);
    scene.behindMs = 5_000;
    await vi.advanceTimersByTimeAsync(UNSURE_FOR_MS);
    expect([asked.end, outage.isAway()]).toEqual([null, false]);
  });

  it('leaves a write under way alone, whose end nobody could tell otherwise', async () => {
    const { scene, outage, never } = createScene();
    scene.isProven = false;
    let end: string | null = null;
    let finish: (text: string) => void = () => undefined;
    const written = new Promise<string>((resolve) => {
      finish = resolve;
    });
    void outage
      .send(() => written)
      .then((text) => {
        end = text;
      });
    void outage.look(never);
    await vi.advanceTimersByTimeAsync(2 * UNSURE_FOR_MS);
    expect([end, outage.isAway()]).toEqual([null, true]);
    finish('written');
    await vi.advanceTimersByTimeAsync(0);
    expect(end).toBe('written');
  });
});
