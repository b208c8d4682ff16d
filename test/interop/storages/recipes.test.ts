import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { blocksOf } from '../../docs/documents.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { installOvadex } from '../../support/process/ovadex.js';
import { apacheMissing } from '../../support/servers/apache.js';
import { nginxMissing } from '../../support/servers/nginx.js';
import { type ServerPlace, type ServerProcess, startServerProcess } from '../../support/servers/server-process.js';

const SERVICE = { username: 'svc-ovadex', password: 'of the service account' };
const JM = { username: 'jm', password: 'of the user jm' };
const APACHE_MODULES = '/usr/lib/apache2/modules';
/** Those that its recipe enables, and what every Apache of Debian has. */
const MODULES = [
  ...['mpm_event', 'authn_core', 'authz_core', 'alias', 'dav', 'dav_fs'],
  ...['auth_basic', 'authn_file', 'authz_user'],
];
const isRoot = process.getuid?.() === 0;

/** The folder of the users' spaces, as a server's account may read and write it. */
function makeSpaces(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-recipe-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  chmodSync(directory, 0o755);
  for (const path of ['jm/images/ubuntu.ova', 'kim/x.ova']) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), 'x');
  }
  chmodSync(join(directory, 'jm'), 0o777);
  return directory;
}

/** As `htpasswd -s` writes it, which both servers read. */
const entryOf = ({ username, password }: typeof JM) =>
  `${username}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`;

/** What the operator configures for either recipe finds both users' images. */
async function expectCrawled(server: ServerProcess): Promise<void> {
  const ovadex = await installOvadex();
  onTestFinished(() => ovadex.remove());
  ovadex.configure({
    storage: { url: `${server.url}spaces/{user}/`, auth: { type: 'basic', ...SERVICE } },
    spaces: [{ user: 'jm' }, { user: 'kim' }],
  });
  for (const user of ['jm', 'kim']) expect(await ovadex.sync(user)).toMatchObject({ code: 0, warnings: [] });
  expect([await ovadex.images('jm'), await ovadex.images('kim')]).toEqual([['images/ubuntu.ova'], ['x.ova']]);
}

const ask = (url: string, method: string, { username, password }: typeof JM) =>
  fetch(url, {
    method,
    headers: { Depth: '1', Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    ...(method === 'PUT' ? { body: 'x' } : {}),
  }).then(({ status }) => status);

describeInstalled('the recipe for Apache', [apacheMissing], () => {
  it('is crawled by an account that may only read, and lets each user write to the own space alone', async () => {
    const directory = makeSpaces();
    const server = await startServerProcess((place) => apacheWith(recipeOf('apache', directory, place), place));
    onTestFinished(() => server.stop());
    await expectCrawled(server);

    const jm = `${server.url}spaces/jm/new.ova`;
    expect(await ask(jm, 'PUT', SERVICE)).toBe(401);
    expect(existsSync(join(directory, 'jm/new.ova'))).toBe(false);
    expect(await ask(jm, 'PUT', JM)).toBe(201);
    expect(await ask(jm, 'GET', SERVICE)).toBe(401);
    expect(await ask(`${server.url}spaces/kim/x.ova`, 'GET', JM)).toBe(401);
    // For a discovery.
    expect(await ask(`${server.url}spaces/`, 'PROPFIND', SERVICE)).toBe(207);
    expect(await ask(`${server.url}spaces/`, 'PROPFIND', JM)).toBe(401);
    expect((await fetch(`${server.url}spaces/`, { method: 'PROPFIND' })).status).toBe(401);
  });
});

describeInstalled('the recipe for nginx', [nginxMissing], () => {
  it('is crawled', async () => {
    const directory = makeSpaces();
    const server = await startServerProcess((place) => nginxWith(recipeOf('nginx', directory, place), place));
    onTestFinished(() => server.stop());
    await expectCrawled(server);
  });
});

/** The block of the document, with its places here. */
function recipeOf(language: 'apache' | 'nginx', directory: string, { port, scratch }: ServerPlace): string {
  writeFileSync(join(scratch, 'users'), entryOf(SERVICE) + entryOf(JM));
  const found =
    language === 'apache'
      ? blocksOf('config/README.md', 'apache', 'storage')
      : blocksOf('config/README.md', 'nginx', 'storage');
  expect(found).toHaveLength(1);
  return `${found[0]?.text}`
    .replaceAll('/srv/dav', directory)
    .replaceAll('/var/lib/apache2/dav', join(scratch, 'dav'))
    .replaceAll(/\/etc\/(apache2|nginx)\/dav\.users/g, join(scratch, 'users'))
    .replaceAll('127.0.0.1:8081', `127.0.0.1:${port}`);
}

function apacheWith(recipe: string, { port, scratch }: ServerPlace) {
  mkdirSync(join(scratch, 'dav'));
  chmodSync(join(scratch, 'dav'), 0o777);
  const file = join(scratch, 'apache.conf');
  const log = join(scratch, 'error.log');
  const lines = [
    ...MODULES.map((name) => `LoadModule ${name}_module ${join(APACHE_MODULES, `mod_${name}.so`)}`),
    `ServerRoot "${scratch}"`,
    `DefaultRuntimeDir "${scratch}"`,
    `PidFile "${join(scratch, 'apache.pid')}"`,
    `Mutex file:${join(scratch, 'dav')} default`,
    `ErrorLog "${log}"`,
    `Listen 127.0.0.1:${port}`,
    'ServerName 127.0.0.1',
    ...(isRoot ? ['User www-data', 'Group www-data'] : []),
    recipe,
  ];
  writeFileSync(file, lines.join('\n'));
  return { program: findProgram('apache2') ?? '', args: ['-DFOREGROUND', '-f', file], logFile: log };
}

function nginxWith(recipe: string, { scratch }: ServerPlace) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const file = join(scratch, 'nginx.conf');
  const lines = [
    'load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;',
    ...(isRoot ? ['user www-data;'] : []),
    'daemon off;',
    `pid "${join(scratch, 'nginx.pid')}";`,
    'error_log stderr error;',
    'events { worker_connections 64; }',
    'http {',
    'access_log off;',
    ...temporary.map((name) => `${name}_temp_path "${join(scratch, name)}";`),
    recipe,
    '}',
  ];
  writeFileSync(file, lines.join('\n'));
  return { program: findProgram('nginx') ?? '', args: ['-p', scratch, '-c', file, '-e', 'stderr'] };
}
