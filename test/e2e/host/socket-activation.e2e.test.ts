import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { overhear } from '../../support/secrets.js';
import { endChild, freePort } from '../../support/servers/server-process.js';
import { isThorough } from '../../support/thorough.js';

const PASS_SOCKET = fileURLToPath(new URL('../../support/process/pass-socket.py', import.meta.url));
const ACTIVATE = findProgram('systemd-socket-activate');

let ovadex: Ovadex;
beforeEach(async () => {
  ovadex = await installOvadex();
  ovadex.configure({ spaces: [] });
});
afterEach(() => ovadex.remove());

/** Starts a program that starts the daemon with a socket of its own. */
function start(program: string, args: readonly string[]) {
  const child = spawn(program, [...args, process.execPath, ...ovadex.argv('serve')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  overhear(child);
  onTestFinished(() => endChild(child));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines, log: () => lines.join('\n') };
}

/** The status of an answer; connections are taken by the socket before anybody serves, so nobody has to wait. */
function ask(place: { port?: number; socketPath?: string }): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', ...place, path: '/livez' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

it.runIf(isThorough)(
  'serves at a TCP socket that another program opened, and not where the configuration says',
  async () => {
    const { child, lines, log } = start('python3', [PASS_SOCKET, 'tcp']);
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    const port = Number(lines[0]);
    expect(await ask({ port })).toBe(200);
    expect(log()).toContain(`"url":"http://127.0.0.1:${port}"`);
    expect(log()).toContain('server.listen of the configuration is not used');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  },
);

it('serves at a unix socket that another program opened, and leaves its file alone', async () => {
  const socketPath = join(ovadex.configFile, '../api.sock');
  const { child, lines, log } = start('python3', [PASS_SOCKET, socketPath]);
  await expect.poll(() => lines.length).toBeGreaterThan(0);
  expect(await ask({ socketPath })).toBe(200);
  expect(log()).toContain('"url":"fd:3"');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(existsSync(socketPath)).toBe(true);
});

it('says what is wrong with a descriptor that is no socket', async () => {
  const script = `exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`;
  const child = spawn('/bin/sh', ['-c', script, 'sh', process.execPath, ...ovadex.argv('serve')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  overhear(child);
  onTestFinished(() => endChild(child));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  expect(await once(child, 'close')).toEqual([78, null]);
  expect(errors).toContain("can't listen at descriptor 3");
});

describeInstalled('socket activation', [ACTIVATE === null ? 'systemd-socket-activate (Debian: systemd)' : null], () => {
  it('starts the daemon at the first connection, which gets its answer', async () => {
    const port = await freePort();
    const { log } = start(ACTIVATE ?? '', [`--listen=127.0.0.1:${port}`]);
    let status: number | undefined;
    await expect
      .poll(async () => {
        status = await ask({ port }).catch(() => undefined); // until the socket is there
        return status;
      })
      .toBe(200);
    expect(log()).toContain('ovadex serves');
  });
});
