import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { listen } from '../../../src/http/server/server.js';
import { type Body, createApiScene } from '../../http/api-scene.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { REVERSE_PROXIES } from '../../support/servers/reverse-proxies.js';
import { serverAccount } from '../../support/servers/server-account.js';
import { type ServerPlace, type ServerProcess, startServerProcess } from '../../support/servers/server-process.js';

const MODULES = '/usr/lib/apache2/modules';
/** A check a second, and a server that is down after one of them. */
const WITHIN_MS = 20_000;

async function startApi() {
  const cleanup = createCleanup();
  const scene = createApiScene({ publicUrl: null });
  await scene.addSpace('jm');
  const deep = '深いフォルダ/'.repeat(50);
  await scene.sync(
    'jm',
    Array.from({ length: 7 }, (_, i) => `${deep}${i}.ova`),
  );
  const server = await listen(scene.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger });
  cleanup.add(() => server.close(0));
  const port = Number(new URL(server.url).port);
  return { ...scene, cleanup, port, authorization: `Bearer ${await scene.tokenFor('jm')}` };
}

const haproxy = (check: string) => (place: ServerPlace, target: number) => {
  const file = join(place.scratch, 'haproxy.cfg');
  writeFileSync(
    file,
    `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
listen api
  bind 127.0.0.1:${place.port}
  ${check}
  server ovadex 127.0.0.1:${target} check inter 300ms fall 1 rise 1
`,
  );
  return { program: findProgram('haproxy') ?? '', args: ['-db', '-f', file], account: serverAccount };
};

const apache = (check: string) => (place: ServerPlace, target: number) => {
  const file = join(place.scratch, 'apache.conf');
  const names = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'proxy_balancer', 'proxy_hcheck', 'slotmem_shm'];
  const modules = [...names, 'lbmethod_byrequests'].map(
    (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`,
  );
  writeFileSync(
    file,
    `${modules.join('\n')}
ServerRoot ${place.scratch}
DefaultRuntimeDir ${place.scratch}
PidFile ${place.scratch}/pid
Listen 127.0.0.1:${place.port}
ServerName localhost
ErrorLog ${place.scratch}/error.log
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
<Proxy balancer://api>
  BalancerMember http://127.0.0.1:${target} hcinterval=1 hcfails=1 hcpasses=1 ${check}
</Proxy>
ProxyPass / balancer://api/
`,
  );
  const logFile = join(place.scratch, 'error.log');
  return { program: findProgram('apache2') ?? '', args: ['-D', 'FOREGROUND', '-f', file], logFile };
};

const missingHaproxy = findProgram('haproxy') === null ? 'haproxy (Debian: haproxy)' : null;
const missingApache = findProgram('apache2') === null ? 'apache2 (Debian: apache2)' : null;

const CHECKS = [
  ['HAProxy, option httpchk as it comes', missingHaproxy, haproxy('option httpchk')],
  ['HAProxy, option httpchk of a path', missingHaproxy, haproxy('option httpchk GET /readyz')],
  ['HAProxy, option httpchk by HEAD', missingHaproxy, haproxy('option httpchk HEAD /livez')],
  ["Apache's hcheck by OPTIONS", missingApache, apache('hcmethod=OPTIONS')],
  ["Apache's hcheck by GET", missingApache, apache('hcmethod=GET hcuri=/readyz')],
  ["Apache's hcheck by HEAD, with a slash too many", missingApache, apache('hcmethod=HEAD hcuri=//readyz')],
] as const;

for (const [name, missing, command] of CHECKS) {
  describeInstalled(`an API that is watched by ${name}`, [missing], () => {
    let api: Awaited<ReturnType<typeof startApi>>;
    let front: ServerProcess;
    beforeAll(async () => {
      api = await startApi();
      front = await startServerProcess((place) => command(place, api.port));
      api.cleanup.add(() => front.stop());
    });
    afterAll(() => api.cleanup.run());

    it('is taken for well after many checks', async () => {
      const ask = async () => {
        const answer = await fetch(`${front.url}v2/image`, { headers: { authorization: api.authorization } });
        await answer.text();
        return answer.status;
      };
      // The first description is made when it is first asked for, which takes longer than these checks wait.
      await vi.waitUntil(async () => (await ask()) === 200, WITHIN_MS);
      for (let n = 0; n < 4; n += 1) {
        await delay(1_000);
        expect(await ask()).toBe(200);
      }
    });
  });
}

const CHECK_HTTP = '/usr/lib/nagios/plugins/check_http';
const missingCheck = existsSync(CHECK_HTTP) ? null : 'check_http (Debian: monitoring-plugins-basic)';

describeInstalled('an API that is watched by check_http', [missingCheck], () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.cleanup.run());
  /** The plugin's line; its exit code tells where it is not content. */
  const check = async (...args: readonly string[]) =>
    (await promisify(execFile)(CHECK_HTTP, ['-I', '127.0.0.1', '-p', `${api.port}`, ...args])).stdout;

  it.each([
    ['by HTTP/1.0 without a Host', ['-u', '/readyz']],
    ['with a Host', ['-H', 'localhost', '-u', '/readyz']],
    ['by HEAD', ['-u', '/livez', '-j', 'HEAD']],
    ['by OPTIONS, with slashes too many', ['-u', '//livez/', '-j', 'OPTIONS']],
    ['at the bare address', ['-u', '/', '-f', 'follow']],
    ['for a refusal that is expected', ['-u', '/v2/image', '-e', '401']],
  ])('is well: %s', async (_, args) => {
    expect(await check(...args)).toMatch(/^HTTP OK/);
  });

  it('is well by what is in a list', async () => {
    const token = api.authorization.split(' ')[1] ?? '';
    for (const credentials of [`${token}:`, `nagios:${token}`]) {
      expect(await check('-u', '/v2/image', '-a', credentials, '-s', '6.ova')).toMatch(/^HTTP OK/);
    }
  });
});

for (const proxy of REVERSE_PROXIES.filter((each) => each.name === 'nginx' || each.name === 'haproxy')) {
  describeInstalled(`long addresses behind ${proxy.name} as it comes`, [proxy.missing], () => {
    it('are no 502: every page of deep folders, and of a long filter', async () => {
      const api = await startApi();
      try {
        const front = await proxy.start({ target: api.port });
        api.cleanup.add(() => front.stop());
        const paths = Array.from({ length: 60 }, (_, i) => `some/folder/${i}.ova`).join('|');
        for (const [query, expected] of [
          ['sort=path', 7],
          [`filter=path,in,${paths}`, 0],
          [`filter=path,ne,${paths}`, 7],
        ] as const) {
          let met = 0;
          for (let url: string | null = `${front.url}v2/image?per_page=2&${query}`; url !== null; ) {
            const answer = await fetch(url, { headers: { authorization: api.authorization } });
            expect(answer.status).toBe(200);
            const { data, meta } = (await answer.json()) as Body;
            met += data.length;
            const next = meta.pages['next_url'] as string | null;
            url = next === null ? null : `${front.url}${next.slice(next.indexOf('/v2/') + 1)}`;
          }
          expect(met).toBe(expected);
        }
      } finally {
        await api.cleanup.run();
      }
    });
  });
}
