import { describe, expect, test } from 'vitest';
import { createLogger, type LoggerOptions } from '../../../src/platform/log/logger.js';
import { STEERING, STEERS } from '../../support/process/steering.js';

function record(options: Partial<LoggerOptions> & { isTTY?: boolean } = {}) {
  const lines: string[] = [];
  const { isTTY = false, ...rest } = options;
  const destination = { isTTY, write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ level: 'info', format: 'json', ...rest, destination }), lines };
}

const parse = (line: string | undefined) => JSON.parse(line ?? '') as Record<string, unknown>;

describe('a logger', () => {
  test('writes a JSON object a line: level as a word, time in ISO 8601, nothing of the machine', () => {
    const { logger, lines } = record();
    logger.info({ user: 'jm' }, 'synced');
    const { time, ...rest } = parse(lines[0]);
    expect(rest).toEqual({ level: 'info', user: 'jm', msg: 'synced' });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(lines[0]?.endsWith('\n')).toBe(true);
  });

  test('leaves out what is below its level', () => {
    const { logger, lines } = record({ level: 'warn' });
    logger.info('small talk');
    logger.warn('trouble');
    expect(lines).toHaveLength(1);
  });

  test.each([
    ['auto', true, true],
    ['auto', false, false],
    ['pretty', false, true],
    ['json', true, false],
  ] as const)('with format %s and a terminal: %s, writes for people: %s', (format, isTTY, isPretty) => {
    const { logger, lines } = record({ format, isTTY });
    logger.info({ user: 'jm' }, 'synced');
    expect(lines.join('').startsWith('{')).toBe(!isPretty);
    expect(lines.join('')).toContain('synced');
  });

  test('writes for people one line an event, with date and zone', () => {
    const { logger, lines } = record({ format: 'pretty' });
    logger.info({ user: 'jm', added: 3, nested: { paths: ['a', 'b'] } }, 'synced');
    expect(lines.join('')).toMatch(
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d{4}\] INFO: synced .*"added":3.*\n$/,
    );
  });

  test.each(['json', 'pretty'] as const)('hides secrets wherever they are in a line (%s)', (format) => {
    const { logger, lines } = record({ format });
    logger.info({ password: 'hunter2', token: 'hunter2', headers: { Authorization: 'Basic hunter2' } }, 'top');
    logger.info({ config: { spaces: [{ user: 'jm', auth: { type: 'basic', password: 'hunter2' } }] } }, 'deep');
    logger.info({ space: { user: 'jm', connection: { headers: { 'X-Api-Key': 'hunter2' } } } }, 'connection');
    logger.info({ a: { b: { c: { d: { e: { f: { password: 'hunter2' } } } } } } }, 'too deep');
    logger.child({ authorization: 'hunter2' }).info('child');
    logger.error({ err: Object.assign(new Error('no'), { request: { headers: { cookie: 'hunter2' } } }) }, 'error');
    const text = lines.join('');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('jm');
    expect(text).toContain('child');
  });

  test.each(['json', 'pretty'] as const)('shows by its number what would steer a terminal (%s)', (format) => {
    const { logger, lines } = record({ format });
    const text = `a${STEERING.join('')}b`;
    logger.warn({ path: text, deep: { errors: [text] }, err: new Error(text) }, `of ${text}`);
    logger.child({ space: text }).info(text);
    const written = lines.join('');
    expect(written).not.toMatch(STEERS);
    // A line that an outsider's line end begins is no line of the log.
    if (format === 'pretty') expect(written.split('\n').filter((line) => /^\S/.test(line))).toHaveLength(2);
    else expect(parse(lines[0])).toMatchObject({ path: text, msg: `of ${text}` });
  });

  test('shows errors with their cause and survives objects that hold themselves', () => {
    const { logger, lines } = record();
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    expect(parse(lines[0])['err']).toMatchObject({ message: expect.stringContaining('outer') as string });
    expect(lines[0]).toContain('inner');
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    logger.info(circle, 'circle');
    expect(parse(lines[1])['msg']).toBe('circle');
  });
});
