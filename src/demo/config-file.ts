import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Demo } from './prepare.js';

/**
 * Writes `ovadex.yaml` for the demo's storage into its directory and returns its path. It is a normal configuration, so
 * every command can be tried with it.
 */
export async function writeDemoConfig(demo: Demo, port: number): Promise<string> {
  const file = join(demo.directory, 'ovadex.yaml');
  const config = {
    server: { listen: `127.0.0.1:${port}` },
    data: { directory: demo.dataDirectory },
    spaces: demo.spaces.map(({ user, url, password, directory }) => ({
      user,
      url,
      auth: { type: 'basic', username: user, password },
      watch: directory,
    })),
    // Every minute, so that a newcomer soon sees it crawl by itself.
    crawl: { schedule: '* * * * *' },
    // The terminal is for the demo's own text.
    log: { level: 'warn' },
  };
  await writeFile(file, stringify(config), { mode: 0o600 });
  return file;
}
