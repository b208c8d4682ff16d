import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import type { AuditJson, HealthJson } from '../../../src/wire/daemon.js';
import { startDavServer } from '../../support/dav-server/dav-server.js';
import { type Host, installHost } from '../../support/process/cluster.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';
import { useServer } from './use-server.js';

const KNOWN_WITHIN_MS = 30_000;

describeInstalled('hosts over one database', [postgresMissing], () => {
  const { server, afterTest } = useServer();

  const makeHosts = async () => {
    const storage = await startDavServer();
    afterTest.add(storage.close);
    storage.tree.put('ada/machine.ova', { size: 10_000 });
    storage.tree.put('bob/machine.ova', { size: 10_000 });
    const database = await server().createDatabase();
    const install = (users: readonly string[], schedule: string, roles: readonly ('api' | 'crawler')[]) =>
      installHost(afterTest, {
        database,
        roles,
        settings: {
          spaces: users.map((user) => ({ user, url: `${storage.url}${user}/` })),
          crawl: { schedule },
          describe: { enabled: false },
        },
      });
    const hosts = [
      await install(['ada', 'bob'], '*/15 * * * *', ['api', 'crawler']),
      await install(['ada', 'bob'], '*/15 * * * *', ['api']),
      await install(['ada'], '*/5 * * * *', ['api', 'crawler']),
    ] as const;
    for (const host of hosts) await host.start();
    const { token } = await hosts[0].ovadex.createToken('root', ['--scope', 'admin']);
    const ask = async (host: Host, path: string, init: RequestInit = {}) =>
      await fetch(`${host.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
    const data = async <T>(host: Host, path: string) => ((await (await ask(host, path)).json()) as { data: T }).data;
    return { hosts, install, ask, data };
  };
  /** They run on one machine, so that their data directories tell them apart. */
  const isNamed = (name: string) => name.startsWith(`${hostname()}:/`);

  it('are told by doctor, health, status and a metric which of them are configured differently, and in what', async () => {
    const { hosts, data, ask } = await makeHosts();
    const [first, second, third] = hosts;
    const cluster = async () => (await data<HealthJson>(second, 'v2/admin/health')).cluster;
    await expect
      .poll(
        async () => (await cluster()).map(({ differs_in: differsIn }) => differsIn).filter(({ length }) => length > 0),
        {
          timeout: KNOWN_WITHIN_MS,
        },
      )
      .toEqual([['spaces', 'crawl']]);
    const all = await cluster();
    expect(all.filter(({ leads }) => leads)).toHaveLength(1);
    expect(all.filter(({ host, there }) => isNamed(host) && there)).toHaveLength(3);

    const doctor = await first.ovadex.run('doctor', '--json');
    const findings = (JSON.parse(doctor.stdout) as { findings: { area: string; severity: string; message: string }[] })
      .findings;
    expect(findings.filter(({ area }) => area === 'host')).toEqual([
      expect.objectContaining({ severity: 'ok', message: expect.stringMatching(/^it leads/) }),
      expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/: spaces, crawl$/) }),
    ]);
    const status = await first.ovadex.run('status');
    expect(status.stdout.match(/^host .*\(api, crawler\).*; leads$/gm)).toHaveLength(1);
    expect(status.stdout.match(/^host .*CONFIGURED DIFFERENTLY in: spaces, crawl$/gm)).toHaveLength(1);
    expect(await (await ask(second, 'metrics')).text()).toContain('ovadex_hosts{state="differing"} 1');

    await third.stop();
    await expect.poll(async () => (await cluster()).length, { timeout: KNOWN_WITHIN_MS }).toBe(2);
    await second.kill();
    const alike = await data<HealthJson>(first, 'v2/admin/health');
    expect(alike.findings.filter(({ area }) => area === 'host')).toMatchObject([
      { severity: 'ok' },
      { severity: 'ok' },
    ]);
  });

  it('say of a space that only a host has which doesn’t lead, that another one leads', async () => {
    const { install } = await makeHosts();
    const other = await install(['ada', 'bob', 'eve'], '*/15 * * * *', ['crawler']);
    const refused = await other.ovadex.run('sync', '--user', 'eve');
    expect(refused).toMatchObject({
      code: 66,
      stderr: expect.stringMatching(/"eve" .*: another host leads, .*doctor/),
    });
    const unknown = await other.ovadex.run('sync', '--user', 'max');
    expect(unknown).toMatchObject({ code: 66, stderr: expect.stringContaining('no space of "max"') });
  });

  it('show what was done on each of them', async () => {
    const { hosts, ask, data } = await makeHosts();
    const [first, second, third] = hosts;
    for (const host of [first, third]) {
      const asked = await ask(host, 'v2/admin/sync', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ mode: 'incremental', user: 'ada' }),
      });
      expect(asked.ok).toBe(true);
    }
    await second.ovadex.run('resume', '--user', 'ada');
    const entries = await data<readonly AuditJson[]>(second, 'v2/admin/audit');
    expect(entries.map(({ act }) => act)).toEqual(['resume', 'sync', 'sync', 'token create']);
    expect(new Set(entries.map(({ host }) => host)).size).toBe(3);
    for (const { host } of entries) expect(isNamed(host ?? '')).toBe(true);
    expect(await data<readonly AuditJson[]>(first, 'v2/admin/audit')).toEqual(entries);
  });
});
