import { describe, expect, it } from 'vitest';
import { createSessions, IDLE_MS, LIFETIME_MS, type Session } from '../../../src/console/visit/sessions.js';

const WHO = { user: 'jm', scopes: [], token: 'ovx_1', origin: 'log-in', expiresAt: null } as const;

function createScene(most?: number, mostOfUser?: number) {
  const time = { now: 1_000 };
  const ended: Session[] = [];
  const sessions = createSessions({
    clock: () => time.now,
    onEnd: (session) => ended.push(session),
    ...(most === undefined ? {} : { most }),
    ...(mostOfUser === undefined ? {} : { mostOfUser }),
  });
  return { time, ended, sessions };
}

describe('a session', () => {
  it('has an id and a form token that nobody guesses, anew each time', () => {
    const { sessions } = createScene();
    const drawn = Array.from({ length: 100 }, () => sessions.begin(WHO)).flatMap(({ id, formToken }) => [
      id,
      formToken,
    ]);
    expect(new Set(drawn).size).toBe(200);
    for (const text of drawn) expect(text).toMatch(/^[\w-]{43}$/);
  });

  it('lasts while it is used, and half an hour longer', () => {
    const { time, ended, sessions } = createScene();
    const { id } = sessions.begin(WHO);
    for (let pages = 0; pages < 10; pages++) {
      time.now += IDLE_MS - 1;
      expect(sessions.use(id)).toMatchObject({ user: 'jm' });
    }
    time.now += IDLE_MS;
    expect(sessions.use(id)).toBeNull();
    expect(ended.map((session) => session.id)).toEqual([id]);
    time.now -= IDLE_MS;
    expect(sessions.use(id)).toBeNull(); // not even by a clock that is set back
  });

  it.each([
    ['after half a day, however much it is used', null, LIFETIME_MS],
    ['with its token', 5 * 60_000, 4 * 60_000],
  ])('ends %s', (_when, expiresAt, lifetimeMs) => {
    const { time, sessions } = createScene();
    const begun = time.now;
    const { id } = sessions.begin({ ...WHO, expiresAt: expiresAt && begun + lifetimeMs });
    while (time.now + 60_000 < begun + lifetimeMs) {
      time.now += 60_000;
      expect(sessions.use(id)).not.toBeNull();
    }
    time.now = begun + lifetimeMs;
    expect(sessions.use(id)).toBeNull();
  });

  it('ends at once when it is ended, and nothing is left to be told', () => {
    const { ended, sessions } = createScene();
    const { id } = sessions.begin(WHO);
    sessions.tell(id, { kind: 'done', text: 'x', secret: 'ovx_new' });
    sessions.end(id);
    expect([sessions.use(id), sessions.told(id), sessions.size, ended.length]).toEqual([null, null, 0, 1]);
  });

  it('tells what came of a form once', () => {
    const { sessions } = createScene();
    const [one, other] = [sessions.begin(WHO), sessions.begin(WHO)];
    sessions.tell(one.id, { kind: 'done', text: 'made', secret: 'ovx_new' });
    expect(sessions.told(other.id)).toBeNull();
    expect(sessions.told(one.id)).toEqual({ kind: 'done', text: 'made', secret: 'ovx_new' });
    expect(sessions.told(one.id)).toBeNull();
  });

  it('gives way to others if there are too many: the one that was unused for longest', () => {
    const { ended, sessions } = createScene(3);
    const [first, second, third] = [sessions.begin(WHO), sessions.begin(WHO), sessions.begin(WHO)];
    sessions.use(first.id);
    const fourth = sessions.begin(WHO);
    expect(ended.map(({ id }) => id)).toEqual([second.id]);
    expect([first, third, fourth].map(({ id }) => sessions.use(id)?.id)).toEqual([first.id, third.id, fourth.id]);
  });

  it('does not give way to a user who signs in again and again: one of their own does', () => {
    const { ended, sessions } = createScene(10, 3);
    const other = sessions.begin({ ...WHO, user: 'kim' });
    const [first, second, third] = [sessions.begin(WHO), sessions.begin(WHO), sessions.begin(WHO)];
    sessions.use(first.id);
    for (let count = 0; count < 20; count++) sessions.begin(WHO);
    expect(ended.slice(0, 3)).toEqual([second, third, first]);
    expect([sessions.use(other.id)?.user, sessions.size]).toEqual(['kim', 4]);
  });

  it('is not kept once it is over: the next one that begins makes room', () => {
    const { time, ended, sessions } = createScene();
    for (let count = 0; count < 5; count++) sessions.begin(WHO);
    time.now += IDLE_MS;
    sessions.begin(WHO);
    expect([sessions.size, ended.length]).toEqual([1, 5]);
  });
});
