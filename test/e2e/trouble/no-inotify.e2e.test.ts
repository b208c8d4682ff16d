import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startDaemon } from '../../kills/daemon.js';
import { createCleanup } from '../../support/cleanup.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex } from '../../support/process/ovadex.js';

const SOON = { timeout: 40_000, interval: 100 };

/** A user namespace has limits of its own: nobody else's instances are taken. */
const within = (limit: string, value: number) => [
  'unshare',
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  `echo ${value} > /proc/sys/user/${limit} && exec "$0" "$@"`,
];
const [tool = '', ...toolArgs] = within('max_inotify_instances', 0);
const canLimit = spawnSync(tool, [...toolArgs, 'true']).status === 0;

const cleanup = createCleanup();
afterEach(() => cleanup.run());

describeInstalled('a daemon that', [canLimit ? null : 'user namespaces'], () => {
  it.each([
    ['instances', 'max_inotify_instances', 'user.max_inotify_instances (0)'],
    ['watches', 'max_inotify_watches', 'user.max_inotify_watches (0)'],
  ])(
    'gets no inotify %s starts with a warning each for the configuration and the folders, and follows its configuration',
    async (_, limit, named) => {
      const dav = await startDavServer();
      cleanup.add(dav.close);
      for (const user of ['jm', 'kim', 'lee']) dav.tree.put(`${user}/x.ova`, { size: 1 });
      const ovadex = await installOvadex();
      cleanup.add(ovadex.remove);
      const spaceOf = (user: string) => {
        const watch = join(dirname(ovadex.configFile), 'spaces', user);
        mkdirSync(watch, { recursive: true });
        return { user, url: `${dav.url}${user}/`, watch };
      };
      ovadex.configure({ spaces: ['jm', 'kim'].map(spaceOf) });
      const [program = '', ...args] = within(limit, 0);
      const quoted = [program, ...args].map((word) => `'${word}'`).join(' ');
      const daemon = startDaemon([...ovadex.argv('serve')], `set -- "$0" "$@"; exec ${quoted} "$@"`);
      cleanup.add(() => daemon.child.kill('SIGKILL'));
      const url = await daemon.ready();
      expect(url, `it ended: ${daemon.log()}`).not.toBeNull();
      const warnings = () =>
        daemon
          .log()
          .split('\n')
          .filter((line) => line.includes('"level":"warn"'));
      await expect.poll(() => warnings().length, SOON).toBe(2);
      expect(warnings().join('\n')).toMatch(/2 folders below \S+ and 1 other watched folders can't be watched/);
      expect(warnings().join('\n')).toMatch(/the configuration file can't be watched/);
      for (const line of warnings()) {
        expect(line).toContain(named);
        expect(line).toMatch(/raise it \(permanently with a file in \/etc\/sysctl\.d\): sysctl -w /);
      }
      ovadex.configure({ spaces: ['jm', 'lee'].map(spaceOf) });
      await expect.poll(daemon.log, SOON).toContain('configuration reloaded');
      expect(await ovadex.images('lee')).toBeDefined();
      daemon.child.kill('SIGTERM');
      expect(await daemon.exited).toBe(0);
    },
    120_000,
  );
});
