import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configCheck } from '../../src/cli/config-check.js';
import type { OnlineCheck } from '../../src/crawler.js';
import { configFolder } from '../config/config-folder.js';
import { captureIo } from './captured-io.js';

async function check(online: boolean, answers: readonly OnlineCheck[] = []) {
  const folder = await configFolder({
    'ovadex.yaml': 'data: { directory: x }\nspaces: [{ discover: "http://127.0.0.1/" }]',
  });
  const io = captureIo();
  const ask = async function* () {
    yield* answers;
  };
  const collide = () => Promise.resolve(['"dora" is found twice\u0007']);
  const code = await configCheck({ config: join(folder, 'ovadex.yaml'), online }, io, ask, collide);
  return { code, lines: io.out().trimEnd().split('\n').slice(1), out: io.out(), err: io.err() };
}

const GOOD: OnlineCheck = { user: 'jm', url: 'http://127.0.0.1/jm/', ok: true, detail: '' };
const BAD: OnlineCheck = { user: null, url: 'http://127.0.0.1/', ok: false, detail: '401\u0007 Unauthorized' };

test('a valid configuration is said to be so, without asking anybody', async () => {
  const { code, out } = await check(false, [BAD]);
  expect(code).toBe(0);
  expect(out).toMatch(/ovadex\.yaml is valid: 0 spaces, 1 discoveries\n$/);
});

test('online, each storage is named with its answer', async () => {
  expect(await check(true, [GOOD])).toMatchObject({ code: 0, lines: ['ok      jm  http://127.0.0.1/jm/'] });
  expect(await check(true, [GOOD, BAD])).toMatchObject({
    code: 69,
    lines: ['ok      jm  http://127.0.0.1/jm/', 'failed  discover  http://127.0.0.1/: 401\\u{7} Unauthorized'],
  });
});

test('online, users who are found at two places are warned of', async () => {
  expect(await check(false)).toMatchObject({ err: '' });
  expect(await check(true)).toMatchObject({ code: 0, err: 'warning: "dora" is found twice\\u{7}\n' });
});
