import { execFileSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInstalled } from '../../support/process/installed.js';
import { type RunningDemo, startDemo } from '../../support/process/running-demo.js';
import { postgresMissing } from '../../support/servers/postgres.js';

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
