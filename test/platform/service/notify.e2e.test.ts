import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createNotifier, type Environment } from '../../../src/platform/service/notify.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { listenForNotifications } from '../../support/process/notify-socket.js';

const missing = findProgram('systemd-notify') === null ? 'systemd-notify (Debian: systemd)' : null;

function notifier(environment: Environment, timeoutMs?: number) {
  const warnings: string[] = [];
  const logger = { warn: (_details: object, message: string) => void warnings.push(message) };
  const notify = createNotifier({ environment, logger, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  return { notify, warnings };
}

/** A folder with a `systemd-notify` of these words, for PATH. */
function pathWith(script: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-path-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const program = join(directory, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return directory;
}

test.each([{}, { NOTIFY_SOCKET: '' }])('without a service manager there is nobody to tell: %o', (environment) => {
  expect(notifier(environment).notify).toBeNull();
});

describeInstalled('a notifier', [missing], () => {
  test.each(['path', 'abstract'] as const)(
    'tells the manager at a socket with an address of the kind: %s',
    async (kind) => {
      const manager = await listenForNotifications(kind);
      onTestFinished(manager.close);
      const { notify, warnings } = notifier({ NOTIFY_SOCKET: manager.address, PATH: process.env['PATH'] });
      await notify?.({ READY: '1', STATUS: 'äöü; "quoted" $HOME' });
      await expect.poll(() => manager.messages).toEqual(['READY=1\nSTATUS=äöü; "quoted" $HOME']);
      expect(warnings).toEqual([]);
    },
  );

  test('makes one line of a value of several, which would be assignments', async () => {
    const manager = await listenForNotifications();
    onTestFinished(manager.close);
    const { notify } = notifier({ NOTIFY_SOCKET: manager.address, PATH: process.env['PATH'] });
    await notify?.({ STATUS: 'one\nMAINPID=1\u2028two' });
    await expect.poll(() => manager.messages).toEqual(['STATUS=one MAINPID=1 two']);
  });

  test('complains once of a socket that nobody listens at', async () => {
    const { notify, warnings } = notifier({ NOTIFY_SOCKET: '/nonexistent/notify', PATH: process.env['PATH'] });
    await notify?.({ READY: '1' });
    await notify?.({ STATUS: 'on' });
    expect(warnings).toEqual([
      expect.stringMatching(/could not notify the service manager: systemd-notify ended with 1: .*No such file/),
    ]);
  });
});

describe('telling', () => {
  test('says once that the program is missing, and goes on', async () => {
    const { notify, warnings } = notifier({ NOTIFY_SOCKET: '/run/notify', PATH: '/nonexistent' });
    await notify?.({ READY: '1' });
    await notify?.({ STOPPING: '1' });
    expect(warnings).toEqual([expect.stringContaining('systemd-notify is missing')]);
  });

  test('runs one program at a time, keeps the order of states, and only the last word of a condition', async () => {
    const log = join(mkdtempSync(join(tmpdir(), 'ovadex-told-')), 'log');
    onTestFinished(() => rm(join(log, '..'), { recursive: true }));
    const path = pathWith(`echo "start $*" >>'${log}'; /bin/sleep 0.05; echo "end $*" >>'${log}'`);
    const { notify } = notifier({ NOTIFY_SOCKET: '/run/notify', PATH: path });
    await Promise.all(
      [
        { READY: '1' },
        { STATUS: 'one' },
        { WATCHDOG: '1' },
        { STATUS: 'two' },
        { RELOADING: '1' },
        { READY: '1' },
        { STATUS: 'three' },
      ].map((message) => notify?.(message)),
    );
    const told = ['READY=1', 'STATUS=two WATCHDOG=1', 'RELOADING=1', 'READY=1', 'STATUS=three'];
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual(
      told.flatMap((words) => [`start ${words}`, `end ${words}`]),
    );
  });

  test('gives up a program that hangs, and tells the rest', async () => {
    const path = pathWith('case "$1" in READY*) exec /bin/sleep 60;; esac');
    const { notify, warnings } = notifier({ NOTIFY_SOCKET: '/run/notify', PATH: path }, 300);
    await Promise.all([notify?.({ READY: '1' }), notify?.({ STATUS: 'on' })]);
    expect(warnings).toEqual([expect.stringContaining('did not end within 300 ms')]);
  });
});
