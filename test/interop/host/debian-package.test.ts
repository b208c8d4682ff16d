import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { DOCUMENTS, linksOf } from '../../docs/documents.js';
import { createCleanup } from '../../support/cleanup.js';
import { type BootedSystemd, bootSystemd, whyNoSystemd } from '../../support/process/booted-systemd.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { change, copyProject } from '../../support/process/project-copy.js';

const NEEDED = ['dpkg-deb', 'dpkg-shlibdeps', 'lintian', 'mandoc'].filter((name) => findProgram(name) === null);
const whyNoTools = NEEDED.length > 0 ? `${NEEDED.join(', ')} (Debian: dpkg-dev, lintian, mandoc)` : null;

const UNIT = 'ovadex.service';
const CONFIG = '/etc/ovadex/ovadex.yaml';
const NEXT = '9.9.9';
const DROP_INS = `/etc/systemd/system/${UNIT}.d`;
const DOCUMENT = new URL('../../../config/README.md', import.meta.url);
/** What systemd wants where the data directory is a link, as config/README.md has it. */
const LINKED_DATA = /^\[Service\]\nStateDirectory=\nReadWritePaths=\/srv\/index$/m;
/** Three packages of ten seconds each, and the boot; a busy machine takes longer. */
const BUILT_WITHIN_MS = 420_000;

/** One package through its life: each test goes on where the last one ended. */
describeInstalled('the package for Debian', [whyNoTools, whyNoSystemd()], () => {
  let systemd: BootedSystemd;
  /** The package, the same built elsewhere, and the next version of it. */
  let [first, again, next] = ['', '', ''];

  beforeAll(async () => {
    const cleanup = createCleanup();
    const copy = copyProject();
    const other = copyProject();
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-packages-'));
    for (const each of [copy, other, folder]) cleanup.add(() => rmSync(each, { recursive: true }));
    try {
      [first, again] = await Promise.all([build(copy, '022', folder), build(other, '077', other)]);
      change(copy, 'package.json', (text) => text.replace(/"version": ".*?"/, `"version": "${NEXT}"`));
      change(copy, 'config/ovadex.starter.yaml', (text) => `${text}# a new line\n`);
      next = await build(copy, '022', folder);
      systemd = await bootSystemd({ isApart: true });
      cleanup.add(() => systemd.stop());
      for (const file of [first, next]) copyFileSync(file, join(systemd.root, 'root', basename(file)));
      // A machine that runs no services says so there (101: forbidden); this one does. systemd makes /var/tmp.
      await sh(`rm -f /usr/sbin/policy-rc.d; mkdir -p /var/tmp; ${list} >/run/before`);
    } catch (error) {
      await cleanup.run();
      throw error;
    }
    return cleanup.run;
  }, BUILT_WITHIN_MS);

  const sh = (script: string) => systemd.run('sh', '-ec', script);
  const dpkg = (...args: readonly string[]) => sh(`dpkg ${args.join(' ')} 2>&1 </dev/null`);
  const install = (file: string, ...flags: readonly string[]) => dpkg(...flags, '-i', `/root/${basename(file)}`);
  const show = (property: string) => systemd.show(UNIT, property);
  const isEnabled = () => sh(`systemctl is-enabled ${UNIT} || true`).then((out) => out.trim());
  const livez = () =>
    systemd.run('node', '-e', 'fetch("http://127.0.0.1:8080/livez").then(a => console.log(a.status))');
  const asService = (command: string) => sh(`setpriv --reuid=ovadex --regid=ovadex --clear-groups ${command}`);
  /** Whatever a package may leave behind; dpkg's own memory is the system's. */
  const list = 'find /usr /etc /var -xdev ! -path "/var/lib/dpkg/*" ! -path "/var/log/*" ! -path "/var/cache/*" | sort';

  it('is in order for lintian, and so are its pages for mandoc', async () => {
    const { stdout } = await run('lintian', ['--allow-root', '--fail-on', 'error,warning', first]);
    expect(stdout).toBe('');
    for (const page of ['man1/ovadex.1.gz', 'man5/ovadex.yaml.5.gz']) {
      const lint = `dpkg-deb --fsys-tarfile "$0" | tar -xO ./usr/share/man/${page} | gzip -d | mandoc -Tlint -Wwarning`;
      expect((await run('sh', ['-ec', lint, first])).stdout).toBe('');
    }
  });

  it('is the same wherever it is built, whatever the umask', () => {
    expect(readFileSync(again).equals(readFileSync(first))).toBe(true);
  });

  it('is installed, enabled and started, as a user of its own', async () => {
    await install(first);
    expect([await show('ActiveState'), await isEnabled()]).toEqual(['active', 'enabled']);
    expect(await livez()).toBe('200\n');
    const user = await sh(`stat -c %U /proc/${await show('MainPID')}`);
    expect(user).toBe('ovadex\n');
    expect(await sh(`stat -c '%a %U %G' ${CONFIG} /var/lib/ovadex`)).toBe('640 root ovadex\n750 ovadex ovadex\n');
    expect(await sh('dpkg --verify ovadex')).toBe('');
  });

  it('has commands that work beside it', async () => {
    expect(await sh('ovadex --version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await sh(`ovadex config check --config ${CONFIG} 2>&1`)).toContain('spaces');
    await asService(`ovadex token create --config ${CONFIG} --user jm --force`);
    expect(await asService(`ovadex token list --config ${CONFIG}`)).toContain('jm');
    const help = await sh('ovadex --help');
    const completes = await systemd.exitCode('test', '-s', '/usr/share/bash-completion/completions/ovadex');
    expect(completes === 0).toBe(/^ {2}completion\b/m.test(help));
    expect(await systemd.exitCode('ovadex', 'demo')).toBe(2); // its packages are not among those of a server
  });

  it('is not doubled by "ovadex service install"', async () => {
    const out = await sh('ovadex service install');
    expect(out).toMatch(/^skipped +\/etc\/systemd\/system\/ovadex\.service /m);
    expect(existsSync(join(systemd.root, '/etc/systemd/system/ovadex.service'))).toBe(false);
    expect(await show('FragmentPath')).toMatch(/^(\/usr)?\/lib\/systemd\/system\//);
  });

  it('starts the next version, and asks nobody for the configuration', async () => {
    writeFileSync(join(systemd.root, CONFIG), `${readFileSync(join(systemd.root, CONFIG), 'utf8')}# mine\n`);
    const pid = await show('MainPID');
    await install(next, '--force-confdef', '--force-confold');
    expect(await sh('ovadex --version')).toBe(`${NEXT}\n`);
    expect(await show('ActiveState')).toBe('active');
    expect(await show('MainPID')).not.toBe(pid);
    expect(readFileSync(join(systemd.root, CONFIG), 'utf8')).toMatch(/# mine\n$/);
    expect(await sh(`stat -c '%a %U %G' ${CONFIG}`)).toBe('640 root ovadex\n');
    expect(await asService(`ovadex token list --config ${CONFIG}`)).toContain('jm');
  });

  it('lets what was stopped and disabled be so after the next upgrade', async () => {
    await sh(`systemctl disable --now ${UNIT} 2>&1`);
    await install(next);
    expect([await show('ActiveState'), await isEnabled()]).toEqual(['inactive', 'disabled']);
    await sh(`systemctl enable --now ${UNIT} 2>&1`);
  });

  it('has the documents, whose links lead somewhere', async () => {
    const files = new Set(DOCUMENTS.flatMap((document) => [document, ...linksOf(document).map(({ file }) => file)]));
    const all = [...files].map((file) => `/usr/share/doc/ovadex/${file}`).join(' ');
    expect(files.size).toBeGreaterThan(DOCUMENTS.length);
    expect(await sh(`for file in ${all}; do test -e $file || echo $file; done`)).toBe('');
  });

  it('says which Node it wants where there is another, and goes on when that is mended', async () => {
    const old = '#!/bin/sh\ncase $1 in -p) echo 108 ;; *) echo v18.20.4 ;; esac\n';
    await sh(`mv /usr/bin/node /usr/bin/node.kept; printf '%s' '${old}' >/usr/bin/node; chmod 755 /usr/bin/node`);
    const out = await sh(`dpkg -i /root/${basename(next)} 2>&1 </dev/null || echo failed`);
    expect(out).toContain('/usr/bin/node is v18.20.4, but this package is built for Node');
    expect(out).toMatch(/failed\n$/);
    await sh('mv /usr/bin/node.kept /usr/bin/node');
    await dpkg('--configure', 'ovadex');
    expect(await show('ActiveState')).toBe('active');
  });

  it('leaves a configuration that was removed so, through an upgrade', async () => {
    await sh(`mv ${CONFIG} /root/kept.yaml`);
    await install(next);
    expect(existsSync(join(systemd.root, CONFIG))).toBe(false);
    await sh(`mv /root/kept.yaml ${CONFIG}; systemctl reset-failed ${UNIT}; systemctl restart ${UNIT}`);
    expect(await show('ActiveState')).toBe('active');
  });

  it('runs with its data on another disk, by a link', async () => {
    const move = 'mkdir -p /srv; mv /var/lib/ovadex /srv/index; ln -s ../../srv/index /var/lib/ovadex';
    const [dropIn] = LINKED_DATA.exec(readFileSync(DOCUMENT, 'utf8')) ?? [];
    const write = `mkdir -p ${DROP_INS}; printf '%s\\n' '${dropIn}' >${DROP_INS}/data.conf; systemctl daemon-reload`;
    await sh(`systemctl stop ${UNIT}; ${move}; ${write}; systemctl start ${UNIT}`);
    expect([await show('ActiveState'), await livez()]).toEqual(['active', '200\n']);
    await install(next);
    expect(await show('ActiveState')).toBe('active');
  });

  it('leaves configuration and data when it is removed', async () => {
    await dpkg('-r', 'ovadex');
    expect([await show('ActiveState'), await show('LoadState')]).toEqual(['inactive', 'not-found']);
    expect(readFileSync(join(systemd.root, CONFIG), 'utf8')).toMatch(/# mine\n$/);
    expect(existsSync(join(systemd.root, '/var/lib/ovadex/ovadex.db'))).toBe(true);
    expect(await systemd.exitCode('test', '-e', '/usr/lib/ovadex')).toBe(1);
  });

  it('leaves its locked account and what it does not know when it is purged, nothing else, and says so', async () => {
    await sh(`rm -r ${DROP_INS}; touch /etc/ovadex/dav.password`);
    const out = await dpkg('-P', 'ovadex');
    expect(out).toContain('removing the index, its copies and all tokens in /srv/index, and the link /var/lib/ovadex');
    expect(existsSync(join(systemd.root, '/srv/index'))).toBe(false);
    expect(out).toContain('the account ovadex is kept, locked');
    expect(out).toContain('files in /etc/ovadex that are not from the package are kept');
    const left = await sh(`${list} | comm -13 /run/before -`);
    expect(left.split('\n').filter((path) => !/^(\/etc\/(passwd|group|shadow|gshadow)-?)?$/.test(path))).toEqual([
      '/etc/ovadex',
      '/etc/ovadex/dav.password',
    ]);
    expect(await sh('getent passwd ovadex')).toMatch(/:\/usr\/sbin\/nologin\n$/);
  });
});

function run(program: string, args: readonly string[], cwd = '/') {
  return promisify(execFile)(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: '1767225600' },
  });
}

/** Answers the file. */
async function build(project: string, umask: string, folder: string): Promise<string> {
  const { stdout } = await run(
    'sh',
    ['-ec', `umask ${umask}; exec npm run --silent package:deb -- "$0"`, folder],
    project,
  );
  return stdout.trim();
}
