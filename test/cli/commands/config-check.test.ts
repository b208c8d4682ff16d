import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AskOnline, configCheck } from '../../../src/cli/commands/config-check.js';
import type { OnlineCheck } from '../../../src/doctor/check-online.js';
import { configFolder } from '../../config/config-folder.js';
import { captureIo } from '../captured-io.js';

interface Asked {
  readonly online?: boolean;
  readonly verbose?: boolean;
  /** Those of the configuration. */
  readonly users?: readonly string[];
}

async function check({ users = ['jm'], ...options }: Asked, answers: readonly OnlineCheck[] = []) {
  const folder = await configFolder({
    'ovadex.yaml': `data: { directory: x }
storage: { url: "http://127.0.0.1/{user}/" }
spaces: [${users.map((user) => `{ user: ${user} }, `).join('')}{ discover: "http://127.0.0.1/" }]`,
  });
  const io = captureIo();
  const ask: AskOnline = async (_config, { tell }) => answers.forEach(tell);
  const collide = () => Promise.resolve(['"dora" is found twice\u0007']);
  const code = await configCheck({ config: join(folder, 'ovadex.yaml'), ...options }, io, ask, collide);
  return { code, lines: io.out().trimEnd().split('\n').slice(1), out: io.out(), err: io.err() };
}

const GOOD: OnlineCheck = { user: 'jm', url: 'http://127.0.0.1/jm/', places: 1, ok: true, detail: '' };
const FOUND: OnlineCheck = { user: null, url: 'http://127.0.0.1/', places: 1, ok: true, detail: '' };
const BAD: OnlineCheck = { ...FOUND, ok: false, detail: '401\u0007 Unauthorized' };
const DEAD: OnlineCheck = { ...FOUND, places: 2, ok: false, detail: 'out of order' };

test('a valid configuration is said to be so, without asking anybody', async () => {
  const { code, out } = await check({}, [BAD]);
  expect(code).toBe(0);
  expect(out).toMatch(/ovadex\.yaml is valid \(1 space, 1 discovery\)\n$/);
});

test('online, each storage is named with its answer', async () => {
  expect(await check({ online: true }, [GOOD, FOUND])).toMatchObject({
    code: 0,
    lines: ['ok      jm  http://127.0.0.1/jm/', 'ok      discover  http://127.0.0.1/', '2 of 2 answer'],
  });
  expect(await check({ online: true }, [GOOD, BAD])).toMatchObject({
    code: 69,
    lines: [
      'ok      jm  http://127.0.0.1/jm/',
      'failed  discover  http://127.0.0.1/: 401\\u{7} Unauthorized',
      '1 of 2 answer',
    ],
  });
  expect(await check({ online: true }, [DEAD])).toMatchObject({
    code: 69,
    lines: ['failed  2 spaces  http://127.0.0.1/: out of order', '0 of 2 answer'],
  });
});

test('online, of many storages only those that do not answer are named, unless asked for', async () => {
  const users = Array.from({ length: 1_999 }, (_, i) => `u${i}`);
  const answers: readonly OnlineCheck[] = [...users.slice(1).map((user) => ({ ...GOOD, user })), FOUND, BAD];
  const asked = { online: true, users };
  expect(await check(asked, answers)).toMatchObject({
    code: 69,
    lines: ['failed  discover  http://127.0.0.1/: 401\\u{7} Unauthorized', '1,999 of 2,000 answer'],
  });
  expect((await check({ ...asked, verbose: true }, answers)).lines).toHaveLength(2_001);
});

test('online, users who are found at two places are warned of', async () => {
  expect(await check({})).toMatchObject({ err: '' });
  const { err } = await check({ online: true }, [GOOD, FOUND]);
  expect(err).toBe('warning: "dora" is found twice\\u{7}\n');
});
