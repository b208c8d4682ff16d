import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { errorFacts } from '../../../src/platform/log/error-facts.js';
import { createLogger } from '../../../src/platform/log/logger.js';
import { withoutCredentials } from '../../../src/platform/log/without-credentials.js';
import { errorOf, REAL_ERRORS } from '../real-errors.js';

const SECRET = 'hunter2x9';

/** What a logger writes of it, wherever in a line it stands. */
function logged(err: unknown, format: 'json' | 'pretty'): string {
  const lines: string[] = [];
  const destination = { isTTY: false, write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'info', format, destination });
  logger.error({ err }, 'it failed');
  logger.error({ error: err, reason: { cause: err }, several: [err] }, 'elsewhere');
  logger.child({ err }).error('in a child');
  logger.error(err as Error);
  return lines.join('');
}

describe('of an error the log shows no secret', () => {
  for (const [name, provoke] of Object.entries(REAL_ERRORS)) {
    test(name, async () => {
      const error = await errorOf(provoke, SECRET);
      for (const format of ['json', 'pretty'] as const) {
        const text = logged(error, format);
        expect(text).toContain('it failed');
        expect(text, inspect(error)).not.toContain(SECRET);
        expect(text).not.toContain(Buffer.from(SECRET).toString('base64'));
      }
    });
  }
});

describe('the facts of an error', () => {
  test('are its type, its message, a code and the call of the system', () => {
    const facts = { code: 'ECONNREFUSED', syscall: 'connect', errno: -111, address: '127.0.0.1', port: 9 };
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), facts);
    expect(errorFacts(error)).toEqual({
      type: 'Error',
      message: 'connect ECONNREFUSED 127.0.0.1:9',
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
  });

  test.for([
    ['a mistake of this program', new TypeError('x is not a function'), true],
    ['one that it noticed itself', new OvadexError('internal', 'it broke'), true],
    ['what is wrong elsewhere', new OvadexError('storage', 'it answered 500'), false],
    ['an answer that is no HTTP', Object.assign(new Error('no'), { name: 'HTTPParserError' }), false],
    ['trouble of a connection', Object.assign(new Error('no'), { code: 'UND_ERR_SOCKET' }), false],
  ] as const)('of %s: with its place in the program: %s', ([, error, hasPlace]) => {
    expect(errorFacts(error).stack?.includes('error-facts.integration.test.ts') ?? false).toBe(hasPlace);
  });

  test('are those of its causes, too, as far as that goes', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    expect(JSON.stringify(errorFacts(circle)).match(/circle/g)).toHaveLength(5);
    expect(errorFacts(new Error('outer', { cause: new Error('inner') })).cause).toMatchObject({ message: 'inner' });
    const many = new AggregateError(Array.from({ length: 50 }, (_, n) => new Error(`no ${n}`)));
    expect(errorFacts(many).errors).toHaveLength(5);
  });

  test('keep what an administrator needs', () => {
    const said = (message: string) => errorFacts(new OvadexError('config', message)).message;
    expect(said('spaces.0.auth.password: must not be empty')).toBe('spaces.0.auth.password: must not be empty');
    expect(said('the token: is unknown, "a" is not "b"')).toBe('the token: is unknown, "a" is not "b"');
    expect(withoutCredentials('basic credentials are refused; digest authentication is asked for')).toMatch(
      /refused; digest auth/,
    );
  });
});
