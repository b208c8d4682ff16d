import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkConfig } from '../../../src/config/load.js';
import { PLACES, type Program } from '../../../src/platform/service/service-files.js';
import {
  installService,
  type ServiceOptions,
  type Step,
  uninstallService,
} from '../../../src/platform/service/service-install.js';

let root: string;
const run = vi.fn<ServiceOptions['run']>(() => Promise.resolve());
const PROGRAM: Program = ['/usr/bin/node', '/opt/ovadex/dist/main.js'];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ovadex-root-'));
  run.mockClear();
  onTestFinished(() => rmSync(root, { recursive: true }));
});

const options = (given: Partial<ServiceOptions> = {}): ServiceOptions => ({
  root,
  isDryRun: false,
  program: PROGRAM,
  version: '1.0.0',
  isRoot: false,
  run,
  ...given,
});
const at = (path: string) => join(root, path);
const write = (path: string, content: string) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
};
const PACKAGED = '/usr/lib/systemd/system/ovadex.service';
const packageUnit = () => write(PACKAGED, '[Service]\n');
const textOf = (path: string) => readFileSync(at(path), 'utf8');
const outcomes = (steps: readonly Step[]) => Object.fromEntries(steps.map(({ what, done }) => [what, done]));

describe('installing the service', () => {
  test('writes unit, socket, account, folders and a configuration that is valid, and says so', async () => {
    expect(outcomes(await installService(options()))).toEqual({
      [PLACES.account]: 'created',
      'account ovadex': 'skipped',
      [PLACES.configurationDirectory]: 'created',
      [PLACES.dataDirectory]: 'created',
      [PLACES.configuration]: 'created',
      [PLACES.socket]: 'created',
      [PLACES.unit]: 'created',
      'systemctl daemon-reload': 'skipped',
    });
    expect(textOf(PLACES.unit)).toContain(
      '\nExecStart=/usr/bin/node /opt/ovadex/dist/main.js serve --config /etc/ovadex/ovadex.yaml\n',
    );
    expect(statSync(at(PLACES.configuration)).mode & 0o777).toBe(0o640);
    expect(statSync(at(PLACES.dataDirectory)).mode & 0o777).toBe(0o750);
    const { config } = await checkConfig(at(PLACES.configuration));
    expect(config.data.directory).toBe(PLACES.dataDirectory);
  });

  test('lets systemd-sysusers make the account, in the same root', async () => {
    run.mockImplementationOnce(async () => {
      mkdirSync(at('/etc'), { recursive: true });
      writeFileSync(at('/etc/passwd'), `ovadex:x:${process.getuid?.()}:${process.getgid?.()}::/:/bin/false\n`);
    });
    expect(outcomes(await installService(options({ isRoot: true })))).toMatchObject({ 'account ovadex': 'created' });
    expect(run.mock.calls).toEqual([['systemd-sysusers', [`--root=${root}`, 'ovadex.conf']]]);
    expect(outcomes(await installService(options()))).toMatchObject({ 'account ovadex': 'unchanged' });
  });

  test('changes nothing the second time', async () => {
    await installService(options());
    const done = new Set(Object.values(outcomes(await installService(options()))));
    expect(done).toEqual(new Set(['unchanged', 'kept', 'skipped']));
  });

  test('never overwrites a configuration', async () => {
    await installService(options());
    writeFileSync(at(PLACES.configuration), 'data: { directory: /srv }\n');
    await installService(options({ version: '2.0.0' }));
    expect(textOf(PLACES.configuration)).toBe('data: { directory: /srv }\n');
  });

  test('brings an older version\u2019s unit up to date, but not one that was changed by hand', async () => {
    await installService(options());
    writeFileSync(at(PLACES.socket), `${textOf(PLACES.socket)}# mine\n`);
    const steps = outcomes(await installService(options({ version: '2.0.0' })));
    expect(steps).toMatchObject({ [PLACES.unit]: 'updated', [PLACES.socket]: 'kept' });
    expect(textOf(PLACES.unit)).toMatch(/^# Written by ovadex 2\.0\.0;/);
    expect(textOf(PLACES.socket)).toMatch(/^# Written by ovadex 1\.0\.0;[\s\S]*# mine\n$/);
  });

  test('writes and runs nothing in a dry run, and says the same', async () => {
    const dry = await installService(options({ isDryRun: true, isRoot: true }));
    expect(() => statSync(at('/etc'))).toThrow('ENOENT');
    expect(run).not.toHaveBeenCalled();
    expect(outcomes(dry)).toEqual(outcomes(await installService(options({ isRoot: true }))));
  });

  test('quotes what systemd would take apart', async () => {
    await installService(options({ program: ['/usr/bin/node', '/opt/my 100% "$HOME"/main.js'] }));
    expect(textOf(PLACES.unit)).toContain('node "/opt/my 100%% \\"$$HOME\\"/main.js" serve');
  });

  test('does not double the unit that a package brought, and tells of a copy that hides it', async () => {
    packageUnit();
    const steps = await installService(options());
    expect(outcomes(steps)).toMatchObject({
      [PLACES.account]: 'skipped',
      [PLACES.socket]: 'skipped',
      [PLACES.unit]: 'skipped',
      [PLACES.configuration]: 'created',
    });
    expect(steps.find(({ what }) => what === PLACES.unit)?.note).toContain('/usr/lib/systemd/system/ovadex.service');
    expect(() => statSync(at(PLACES.unit))).toThrow('ENOENT');
    write(PLACES.unit, '# an older one\n');
    const hidden = (await installService(options())).find(({ what }) => what === PLACES.unit);
    expect(hidden).toMatchObject({ done: 'kept', note: expect.stringContaining('overrides') as string });
    expect(textOf(PLACES.unit)).toBe('# an older one\n');
  });

  test.each([installService, uninstallService])('is refused to others than root: %o', async (act) => {
    await expect(act(options({ root: '/' }))).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('links in the root of another machine', () => {
  /** A folder of this machine, which nothing may be written to. */
  let outside: string;
  const link = (path: string, target: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    symlinkSync(target, at(path));
  };

  beforeEach(() => {
    outside = mkdtempSync(join(tmpdir(), 'ovadex-outside-'));
    onTestFinished(() => {
      expect(readdirSync(outside)).toEqual([]);
      rmSync(outside, { recursive: true });
    });
  });

  test.each([
    ['an absolute one', '/etc/ovadex', (to: string) => to],
    ['one that climbs out', '/etc/systemd', (to: string) => `../../../../../../../../../..${to}`],
    ['one of a folder above', '/etc', (to: string) => to],
    ['one of the data', '/var/lib/ovadex', (to: string) => to],
    ['one of accounts', '/etc/sysusers.d', (to: string) => to],
  ])('are followed inside of it: %s', async (_, path, target) => {
    link(path, target(outside));
    const steps = outcomes(await installService(options()));
    expect(steps).toMatchObject({ [PLACES.unit]: 'created', [PLACES.configuration]: 'created' });
    expect(existsSync(at(outside))).toBe(true);
    expect(lstatSync(at(path)).isSymbolicLink()).toBe(true);
    expect(outcomes(await installService(options()))).toMatchObject({ [PLACES.unit]: 'unchanged' });
    expect(outcomes(await uninstallService(options()))).toMatchObject({ [PLACES.unit]: 'removed' });
  });

  test('never make a file of this machine one that is replaced or removed', async () => {
    await installService(options({ root: outside, version: '0.9.0' }));
    const unit = join(outside, PLACES.unit);
    const before = readFileSync(unit, 'utf8');
    link(PLACES.unit, unit);
    link(PLACES.account, '/dev/null'); // as "systemctl mask" does
    link(PLACES.configuration, join(outside, 'absent.yaml'));
    const notes = (await installService(options())).filter(({ done }) => done === 'kept').map(({ what }) => what);
    expect(notes).toEqual([PLACES.account, PLACES.configuration, PLACES.unit]);
    expect(outcomes(await uninstallService(options()))).toMatchObject({ [PLACES.unit]: 'kept' });
    expect(readFileSync(unit, 'utf8')).toBe(before);
    expect(existsSync(at('/dev/null'))).toBe(false);
    for (const name of readdirSync(outside)) rmSync(join(outside, name), { recursive: true });
  });

  test('a file with another name elsewhere is replaced, not changed', async () => {
    await installService(options({ version: '0.9.0' }));
    const other = join(root, 'other-name');
    linkSync(at(PLACES.unit), other);
    expect(outcomes(await installService(options()))).toMatchObject({ [PLACES.unit]: 'updated' });
    expect(readFileSync(other, 'utf8')).toContain('ovadex 0.9.0');
    expect(readdirSync(dirname(at(PLACES.unit)))).toEqual(['ovadex.service', 'ovadex.socket']);
  });

  test('lead to the unit of a package and to the accounts of that machine, not of this one', async () => {
    link('/lib', '/usr/lib');
    link('/etc/passwd', '/usr/share/passwd');
    write('/usr/share/passwd', 'ovadex:x:1:1::/:/bin/false\n');
    const steps = outcomes(await installService(options()));
    expect(steps).toMatchObject({ 'account ovadex': 'unchanged', [PLACES.unit]: 'created' });
    write('/usr/lib/systemd/system/ovadex.service', '[Service]\n');
    rmSync(at(PLACES.unit));
    expect(outcomes(await installService(options()))).toMatchObject({ [PLACES.unit]: 'skipped' });
  });

  test('that form a loop are refused with their path', async () => {
    link('/etc/ovadex', '/etc/ovadex');
    await expect(installService(options())).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^\/etc\/ovadex.*loop/) as string,
    });
  });
});

describe('uninstalling the service', () => {
  test('removes what was written, and keeps configuration, data and what was changed by hand', async () => {
    await installService(options());
    writeFileSync(at(PLACES.socket), `${textOf(PLACES.socket)}# mine\n`);
    expect(outcomes(await uninstallService(options()))).toEqual({
      'systemctl disable --now ovadex.service ovadex.socket': 'skipped',
      [PLACES.unit]: 'removed',
      [PLACES.socket]: 'kept',
      [PLACES.account]: 'removed',
      'systemctl daemon-reload': 'skipped',
      [PLACES.configurationDirectory]: 'kept',
      [PLACES.dataDirectory]: 'kept',
      'account ovadex': 'absent',
    });
    expect(() => statSync(at(PLACES.unit))).toThrow('ENOENT');
    expect(textOf(PLACES.configuration)).toContain('spaces: []');
  });

  test('leaves to a package what a package brought, but takes away its own that hid it', async () => {
    await installService(options());
    packageUnit();
    const steps = await uninstallService(options());
    expect(outcomes(steps)).toMatchObject({ [PLACES.unit]: 'removed', [PACKAGED]: 'kept' });
    expect(statSync(at(PACKAGED)).isFile()).toBe(true);
    expect(steps.find(({ what }) => what === PLACES.dataDirectory)?.note).toContain('a package');
  });

  test('finds nothing where nothing was installed', async () => {
    const done = new Set(Object.values(outcomes(await uninstallService(options()))));
    expect(done).toEqual(new Set(['absent', 'skipped']));
  });
});
