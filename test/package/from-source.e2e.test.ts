import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { isForLaterBinding } from '../../src/platform/sqlite-binding.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const ADDON = 'node_modules/better-sqlite3';
/** It starts Node and looks for a file. */
const WITHIN_MS = 20_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovadex-source-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, ADDON), { recursive: true });
  copyFileSync(join(PROJECT, ADDON, 'package.json'), join(folder, ADDON, 'package.json'));
});

/** What `better-sqlite3` runs before it compiles: how often it asks a server for a binary that somebody else compiled. */
async function requestsForBinary(): Promise<number> {
  let count = 0;
  const server = createServer((_, response) => {
    count += 1;
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    npm_config_better_sqlite3_binary_host: `http://127.0.0.1:${port}`,
  };
  const main = join(PROJECT, 'node_modules/prebuild-install/bin.js');
  const code = await new Promise((resolve) => {
    execFile(process.execPath, [main], { cwd: join(folder, ADDON), env, timeout: WITHIN_MS }, (error) =>
      resolve(error?.code ?? 0),
    );
  });
  expect(code).toBe(1); // and so what stands behind its "||" compiles
  return count;
}

const isLater = isForLaterBinding(process.versions.node);
/** What is not about the binding that this Node takes is no test here, and none that is skipped. */
const nothing = () => undefined;

(isLater ? describe : nothing)('the later binding of SQLite', () => {
  test('runs nothing as it is installed: its compiled one is in the package, which npm knows by its checksum', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, ADDON, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(Object.keys(scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install$/)]));
    expect(existsSync(join(PROJECT, ADDON, 'prebuilds'))).toBe(true);
  });
});

(isLater ? nothing : describe)('the installation of SQLite', () => {
  test('would take a compiled one that no lock file has the checksum of', async () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, ADDON, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['install']).toMatch(/^prebuild-install \|\| node-gyp rebuild\b/);
    expect(await requestsForBinary()).toBeGreaterThan(0);
  });

  test('compiles it in the project', async () => {
    copyFileSync(join(PROJECT, '.prebuild-installrc'), join(folder, '.prebuild-installrc'));
    expect(await requestsForBinary()).toBe(0);
  });

  test('compiles it from the tarball, installed as config/README.md says', async () => {
    const document = readFileSync(join(PROJECT, 'config/README.md'), 'utf8');
    const [, content, place] = /^echo '([^']+)' \| sudo tee (\/opt\/ovadex\/\S+)$/m.exec(document) ?? [];
    expect(document).toContain('npm install --prefix /opt/ovadex ');
    writeFileSync(join(folder, `${place}`.replace('/opt/ovadex/', '')), `${content}\n`);
    expect(existsSync(join(folder, '.prebuild-installrc'))).toBe(true);
    expect(await requestsForBinary()).toBe(0);
  });
});
