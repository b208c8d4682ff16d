import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkConfig } from '../../src/config/load.js';
import { PLACES, type Program } from '../../src/platform/service-files.js';
import {
  installService,
  type ServiceOptions,
  type Step,
  uninstallService,
} from '../../src/platform/service-install.js';

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
    expect(hidden).toMatchObject({ done: 'kept', note: expect.stringContaining('hides') as string });
    expect(textOf(PLACES.unit)).toBe('# an older one\n');
  });

  test.each([installService, uninstallService])('is refused to others than root: %o', async (act) => {
    await expect(act(options({ root: '/' }))).rejects.toMatchObject({ code: 'forbidden' });
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
