import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { copyProject } from '../../support/process/project-copy.js';
import { endChild, freePort, startServerProcess } from '../../support/servers/server-process.js';

/** npm asks the registry and unpacks 180 packages in ten seconds; a busy machine takes longer. */
const INSTALLED_WITHIN_MS = 180_000;
const COMMAND_WITHIN_MS = 60_000;

/** The program as npm installs it from its tarball, in a folder where nothing else is. */
describe('the tarball of npm pack', () => {
  let [project, folder, configFile] = ['', '', ''];
  let files: readonly string[] = [];
  let dav: DavServer;
  let port: number;

  beforeAll(async () => {
    const cleanup = createCleanup();
    try {
      project = copyProject();
      cleanup.add(() => rmSync(project, { recursive: true }));
      folder = mkdtempSync(join(tmpdir(), 'ovadex-tarball-'));
      cleanup.add(() => rmSync(folder, { recursive: true }));
      dav = await startDavServer();
      cleanup.add(() => dav.close());
      dav.tree.put('jm/x.ova', { size: 1 });
      port = await freePort();
      configFile = join(folder, 'ovadex.yaml');
      const server = { listen: `127.0.0.1:${port}` };
      const settings = {
        server,
        data: { directory: join(folder, 'data') },
        spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
      };
      writeFileSync(configFile, JSON.stringify(settings));

      mkdirSync(join(project, 'dist'));
      writeFileSync(join(project, 'dist/of-an-earlier-build.js'), '');
      await run('npm', ['pack', '--silent', '--pack-destination', folder], project);
      files = (await sh('tar -tzf ovadex-*.tgz'))
        .trim()
        .split('\n')
        .map((path) => path.replace('package/', ''));
      await install();
    } catch (error) {
      await cleanup.run();
      throw error;
    }
    return cleanup.run;
  }, INSTALLED_WITHIN_MS);

  const filesBelow = (name: string) =>
    readdirSync(join(project, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(join(project, name), join(entry.parentPath, entry.name)));
  const sh = async (script: string) => (await run('sh', ['-ec', script], folder)).stdout;
  /**
   * As people do it, but for the minute in which better-sqlite3 is compiled: its installation looks for a compiled one
   * first, and is shown what `npm ci` has compiled of the same version.
   */
  const install = (...flags: readonly string[]) => {
    const addon = join(project, 'node_modules/better-sqlite3');
    const { version } = JSON.parse(readFileSync(join(addon, 'package.json'), 'utf8')) as { version: string };
    const { platform, arch, versions } = process;
    const archive = `better-sqlite3-v${version}-node-v${versions.modules}-${platform}-${arch}.tar.gz`;
    const pack = `mkdir -p prebuilds; tar -czf prebuilds/${archive} -C "$0" build/Release/better_sqlite3.node`;
    const npm = `npm install --prefer-offline --no-audit --no-fund --loglevel=error ${flags.join(' ')} ./ovadex-*.tgz`;
    return run(
      'sh',
      ['-ec', `${pack}; export npm_config_better_sqlite3_local_prebuilds="$PWD/prebuilds"; ${npm}`, addon],
      folder,
    );
  };
  const ovadex = (...args: readonly string[]) => run('npx', ['--no-install', 'ovadex', ...args], folder);
  const program = () => join(folder, 'node_modules/.bin/ovadex');

  it('has the program that was built, and nothing of an earlier build', () => {
    const built = files.filter((path) => /^dist\/.*\.js$/.test(path));
    expect(built).toContain('dist/main.js');
    expect(built).not.toContain('dist/of-an-earlier-build.js');
    expect(built.sort()).toEqual(
      filesBelow('dist')
        .filter((path) => path.endsWith('.js'))
        .map((path) => `dist/${path}`)
        .sort(),
    );
  });

  it('has beside it what the program reads, and what people do', () => {
    // What builds packages and sets up tools is of no use to whoever has the package.
    const settings = filesBelow('config').filter(
      (path) => !/^(browser|bundle|deb|man|node-24)\/|\.ts$|^[^/]+\.json$/.test(path),
    );
    const shipped = [
      ...filesBelow('migrations').map((path) => `migrations/${path}`),
      ...settings.map((path) => `config/${path}`),
    ];
    const own = filesBelow('src/browser').filter((path) => /\.(js|css)$/.test(path));
    const ofPackages = [
      'swagger-ui-bundle.js',
      'swagger-ui-bundle.js.LICENSE.txt',
      'swagger-ui.css',
      'LICENSE',
      'NOTICE',
    ];
    const forBrowsers = [
      ...own,
      ...[...ofPackages, 'package.json'].map((file) => `swagger-ui-dist/${file}`),
      ...['dist/uPlot.iife.min.js', 'dist/uPlot.min.css', 'LICENSE', 'package.json'].map((file) => `uplot/${file}`),
    ];
    const documents = ['README.md', 'src/README.md', 'src/crawl/README.md', 'src/http/README.md', 'test/README.md'];
    const others = files.filter((path) => !/^dist\/(?!browser\/).*\.js$/.test(path));
    expect(others.sort()).toEqual(
      [
        ...shipped,
        ...forBrowsers.map((path) => `dist/browser/${path}`),
        ...documents,
        'dist/licences.txt',
        'dist/man/ovadex.1',
        'dist/man/ovadex.yaml.5',
        'package.json',
      ].sort(),
    );
  });

  it('is not published by mistake', () => {
    expect(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))).toMatchObject({ private: true });
  });

  it('gives a program that says what it is, and what it would install', async () => {
    expect((await ovadex('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await ovadex('service', 'install', '--dry-run')).stdout).toMatch(/^created +\S*ovadex\.service$/m);
  });

  it('gives a daemon that crawls and serves', () => crawlAndServe());

  it('gives a demo that runs', async () => {
    const { child, output } = startDemo();
    await vi.waitUntil(() => output().includes('curl') || child.exitCode !== null, { timeout: COMMAND_WITHIN_MS });
    expect(output()).toContain('curl');
  });

  it(
    'gives a daemon that needs none of the optional packages, and a demo that says which it lacks',
    async () => {
      await sh('rm -r node_modules package-lock.json');
      await install('--omit=optional');
      expect(existsSync(join(folder, 'node_modules/nephele'))).toBe(false);
      await crawlAndServe();
      await expect(ovadex('demo')).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/needs the optional package "(nephele|tar-stream)"/) as string,
      });
    },
    INSTALLED_WITHIN_MS,
  );

  async function crawlAndServe(): Promise<void> {
    const { stdout } = await ovadex('sync', '--all', '--full', '--json', '--config', configFile);
    expect(JSON.parse(stdout)).toMatchObject({ syncs: [{ user: 'jm', images: 1 }] });
    const created = await ovadex('token', 'create', '--user', 'jm', '--json', '--config', configFile);
    const { token } = JSON.parse(created.stdout) as { token: string };
    const args = ['serve', '--config', configFile];
    const server = await startServerProcess(() => ({ program: program(), args }), { port });
    onTestFinished(() => server.stop());
    const ask = (path: string) => fetch(new URL(path, server.url), { headers: { Authorization: `Bearer ${token}` } });
    expect(await (await ask('/v2/image')).json()).toMatchObject({ data: [{ path: 'x.ova' }] });
    for (const path of ['/docs', '/openapi.json', '/livez']) expect((await ask(path)).status).toBe(200);
    const parts = [...(await (await ask('/docs')).text()).matchAll(/"(assets\/[^"]+)"/g)].map(([, part = '']) => part);
    expect(parts).toHaveLength(4);
    for (const part of parts) expect((await ask(part)).status).toBe(200);
  }

  function startDemo(): { child: ChildProcess; output: () => string } {
    const child = spawn(program(), ['demo'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (some: string) => {
        text += some;
      });
    }
    onTestFinished(() => endChild(child));
    return { child, output: () => text };
  }
});

function run(program: string, args: readonly string[], cwd: string) {
  return promisify(execFile)(program, args, { cwd, encoding: 'utf8', timeout: INSTALLED_WITHIN_MS });
}
