import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Demo } from './prepare.js';

/** What a host of a cluster does. */
export type HostRole = 'api' | 'crawler';

/** A host of the demo's cluster. */
export interface DemoHost {
  readonly name: string;
  readonly role: HostRole;
  /** Without a slash at its end. */
  readonly url: string;
  readonly configFile: string;
}

export interface ClusterPlan {
  readonly databaseUrl: string;
  readonly password: string;
  readonly hosts: readonly { readonly role: HostRole; readonly port: number }[];
}

/**
 * Writes the configuration of each host of a cluster into the demo's directory, where it has a directory of its own; all
 * have the same spaces and the same database.
 */
export async function writeClusterConfigs(demo: Demo, plan: ClusterPlan): Promise<readonly DemoHost[]> {
  const passwordFile = join(demo.directory, 'database.password');
  await writeFile(passwordFile, plan.password, { mode: 0o600 });
  const numbers = { api: 0, crawler: 0 };
  const hosts: DemoHost[] = [];
  for (const { role, port } of plan.hosts) {
    const name = `${role}-${++numbers[role]}`;
    const directory = join(demo.directory, name);
    await mkdir(directory);
    const configFile = join(directory, 'ovadex.yaml');
    const config = {
      server: { listen: `127.0.0.1:${port}` },
      data: { directory: join(directory, 'data'), url: plan.databaseUrl, passwordFile },
      roles: [role],
      spaces: demo.spaces.map(({ user, url, password, directory: watch }) => ({
        user,
        url,
        auth: { type: 'basic', username: user, password },
        watch,
      })),
      crawl: { schedule: '* * * * *' },
      log: { level: 'warn' },
    };
    await writeFile(configFile, stringify(config), { mode: 0o600 });
    hosts.push({ name, role, url: `http://127.0.0.1:${port}`, configFile });
  }
  return hosts;
}
