import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { mountsMissing } from '../../support/process/mount-namespace.js';

const DATA = '/var/lib/ovadex';
const SYSUSERS = fileURLToPath(new URL('../../../config/systemd/ovadex.sysusers', import.meta.url));
const WITHIN_MS = 60_000;
/** What a daemon leaves, and beside it what is somebody's own. */
const INDEX = [
  'ovadex.db',
  'ovadex.db-wal',
  'daemon.lock',
  'daemon.lock.new-8e80b0bdc2ac',
  'ovadex.db.replaced-20260302T100000000Z',
  'token.key',
  'audit.log',
  ...Array.from({ length: 8 }, (_, n) => `audit.log.${n + 1}`),
  'audit.log.turning',
  'audit.log-20260301',
];
const COPY = 'backups/ovadex-20260302T100000000Z-schema-7.db';
const fill = (directory: string) =>
  `mkdir -p ${directory}/backups ${directory}/ovadex-unfinished-aB3x9Z; cd ${directory}; touch ovadex-unfinished-aB3x9Z/copy.db ${INDEX.join(' ')} ${COPY}; cd /`;

/** One of the package's scripts, run by sh where /etc, /var/lib and /srv are its own: nothing of this machine changes. */
async function runScript(name: 'postinst' | 'postrm', argument: string, before: string) {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-script-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const text = readFileSync(new URL(`../../../config/deb/${name}`, import.meta.url), 'utf8');
  const file = join(folder, name);
  writeFileSync(file, text.replaceAll('@MODULES@', process.versions.modules).replaceAll('@NODE@', '20'));
  const script = `
    for at in /var/lib /srv; do mount -t tmpfs tmpfs $at; done
    mkdir -p /srv/.upper /srv/.work; mount -t overlay -o lowerdir=/etc,upperdir=/srv/.upper,workdir=/srv/.work overlay /etc
    mkdir /var/lib/dpkg /var/lib/dpkg/updates; touch /var/lib/dpkg/status
    mkdir -p /etc/sysusers.d; cp $2 /etc/sysusers.d/ovadex.conf
    rm -rf /etc/ovadex; mkdir /etc/ovadex
    ${before}
    cd /
    sh $0 ${argument} >$1/said 2>&1 && echo 0 >$1/code || echo $? >$1/code
    find /srv /var/lib/ovadex /etc/ovadex ! -path '/srv/.*' 2>/dev/null | sort >$1/left
    if [ -e /etc/ovadex/ovadex.yaml ]; then stat -L -c %G /etc/ovadex/ovadex.yaml >$1/group; else : >$1/group; fi`;
  await new Promise<void>((resolve, reject) => {
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script, file, folder, SYSUSERS];
    execFile('unshare', args, { timeout: WITHIN_MS }, (error) => (error === null ? resolve() : reject(error)));
  });
  const read = (what: string) => readFileSync(join(folder, what), 'utf8').trim();
  return { code: read('code'), said: read('said'), left: read('left').split('\n'), group: read('group') };
}

describeInstalled('purging the package for Debian', [mountsMissing], () => {
  const purge = (before: string) => runScript('postrm', 'purge', before);

  it.each<readonly [string, string, readonly string[], readonly string[], readonly string[]]>([
    ['its folder', fill(DATA), [], [`and all tokens in ${DATA}`], [' kept']],
    ['its folder with files of others', `${fill(DATA)}; touch ${DATA}/.mine`, [], [`in ${DATA}`], []],
    ['no folder', '', [], [], ['removing']],
    [
      'a link to a folder of its own',
      `${fill('/srv/disk')}; ln -s /srv/disk ${DATA}`,
      [],
      [`and all tokens in /srv/disk, and the link ${DATA}`],
      ['kept'],
    ],
    [
      'a link to a link',
      `${fill('/srv/disk')}; ln -s disk /srv/other; ln -s ../../srv/other ${DATA}`,
      ['/srv/other'],
      ['tokens in /srv/disk,'],
      [],
    ],
    [
      'a link to a folder that others use, too',
      `${fill('/srv')}; mkdir /srv/backups/theirs; touch /srv/theirs.db; ln -s /srv ${DATA}`,
      ['/srv/backups', '/srv/backups/theirs', '/srv/theirs.db'],
      ['tokens in /srv,', 'other files in /srv are kept'],
      [],
    ],
    [
      'a link to a disk that is away',
      `ln -s /srv/away/ovadex ${DATA}`,
      [],
      [`removing the link ${DATA}; its target /srv/away/ovadex`, 'an index on a disk that is not mounted is kept'],
      ['tokens'],
    ],
    ['a link to itself', `ln -s ovadex ${DATA}`, [], ['removing the link'], ['tokens']],
    [
      'copies on another disk by a link',
      `mkdir -p /srv/copies ${DATA}; touch /srv/copies/x.db ${DATA}/ovadex.db; ln -s /srv/copies ${DATA}/backups`,
      ['/srv/copies', '/srv/copies/x.db'],
      [`${DATA}/backups links to /srv/copies, which is kept`],
      [],
    ],
    [
      'the same behind a link',
      `${fill('/srv/disk')}; mv /srv/disk/backups /srv/copies; ln -s /srv/copies /srv/disk/backups; ln -s /srv/disk ${DATA}`,
      ['/srv/copies', `/srv/copies/${COPY.replace('backups/', '')}`],
      ['/srv/disk/backups links to /srv/copies, which is kept', 'tokens in /srv/disk,'],
      [],
    ],
    [
      'a disk that is mounted there',
      `mkdir ${DATA}; mount -t tmpfs tmpfs ${DATA}; ${fill(DATA)}`,
      [DATA],
      [`tokens in ${DATA}`],
      [' kept'],
    ],
    [
      'a disk that is mounted below',
      `${fill(DATA)}; rm -r ${DATA}/backups/*; mount -t tmpfs tmpfs ${DATA}/backups; touch ${DATA}/backups/x.db`,
      [DATA, `${DATA}/backups`, `${DATA}/backups/x.db`],
      [`other files in ${DATA} are kept`],
      [],
    ],
  ])('with %s says what goes and what stays, and so it is', async (_, before, stay, says, saysNot) => {
    const { code, said, left } = await purge(before);
    expect(left.filter((path) => path !== '/srv')).toEqual([...stay].sort());
    for (const each of says) expect(said).toContain(each);
    for (const each of saysNot) expect(said).not.toContain(each);
    expect(code).toBe('0');
  });
});

const NEEDED = ['systemd-sysusers', 'dpkg-statoverride'].filter((name) => findProgram(name) === null);
const whyNoTools = NEEDED.length > 0 ? `${NEEDED.join(', ')} (Debian: systemd, dpkg)` : null;
const isNodeOfTheSystem = process.execPath.startsWith('/usr/bin/') ? null : 'node in /usr/bin';

describeInstalled('configuring the package for Debian', [mountsMissing, whyNoTools, isNodeOfTheSystem], () => {
  const configure = (before: string) => runScript('postinst', 'configure 0.0.1', before);
  const CONFIGURATION = '/etc/ovadex/ovadex.yaml';

  it.each([
    ['as dpkg has put it there', `touch ${CONFIGURATION}`, 'ovadex'],
    ['where it was removed', '', ''],
    ['with its folder', 'rmdir /etc/ovadex', ''],
    ['given to another group', `touch ${CONFIGURATION}; chgrp adm ${CONFIGURATION}`, 'adm'],
    ['linked to another file', `touch /srv/mine.yaml; ln -s /srv/mine.yaml ${CONFIGURATION}`, 'root'],
    ['linked to nothing', `ln -s /srv/absent.yaml ${CONFIGURATION}`, ''],
    [
      'with rights of its own',
      `touch ${CONFIGURATION}; dpkg-statoverride --add root root 0600 ${CONFIGURATION}`,
      'root',
    ],
  ])('gives the service its configuration, %s', async (_, before, group) => {
    const answer = await configure(before);
    expect(answer).toMatchObject({ code: '0', group });
    expect(answer.said).not.toContain('chgrp');
  });

  it.each([
    ['missing', '', /^$/],
    ['a link to a folder', `mkdir /srv/disk; ln -s /srv/disk ${DATA}`, /^$/],
    ['a link to nothing', `ln -s /srv/away ${DATA}`, /links to \/srv\/away, which is not a folder; create it/],
  ])('ends well with a data folder that is %s', async (_, before, said) => {
    const answer = await configure(before);
    expect(answer.code).toBe('0');
    expect(
      answer.said
        .split('\n')
        .filter((line) => line.startsWith('ovadex:'))
        .join('\n'),
    ).toMatch(said);
  });
});
