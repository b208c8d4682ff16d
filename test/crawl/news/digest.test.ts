import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createDigest } from '../../../src/crawl/news/digest.js';

const HOUR = 3_600_000;

function scene(perHour: number) {
  const lines: { msg: string; more?: number; names?: string[]; user?: string }[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) });
  let now = 0;
  const digest = createDigest({ logger, perHour, steadyClock: () => now });
  const tell = (user: string, kind = 'failing') =>
    digest.tell(kind, { level: 'warn', facts: { user }, message: 'sync failed', name: user });
  return { lines, digest, tell, pass: (ms: number) => (now += ms) };
}

it('tells news one by one while they are few', () => {
  const { lines, tell, digest } = scene(2);
  tell('a');
  tell('b');
  digest.stop();
  expect(lines).toMatchObject([{ user: 'a' }, { user: 'b' }]);
});

it('sums up what is more, with some of the names, and each kind for itself', () => {
  const { lines, tell, digest } = scene(1);
  for (let n = 0; n < 100; n++) tell(`user${n}`);
  tell('z', 'back');
  expect(lines).toMatchObject([{ user: 'user0' }, { user: 'z' }]);
  digest.stop();
  expect(lines.at(-1)).toMatchObject({ more: 99, msg: 'sync failed (99 more lines like this one)' });
  expect(lines.at(-1)?.names).toHaveLength(20);
  expect(lines).toHaveLength(3);
});

it('tells one by one again when an hour has passed', () => {
  const { lines, tell, digest, pass } = scene(2);
  tell('a');
  tell('b');
  pass(HOUR);
  tell('c');
  digest.stop();
  expect(lines).toMatchObject([{ user: 'a' }, { user: 'b' }, { user: 'c' }]);
});
