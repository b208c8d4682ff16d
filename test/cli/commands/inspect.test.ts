import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { FULL_OVF, sampleOvf } from '../../support/ovf/sample.js';
import { tarBytes } from '../../support/ovf/tar.js';
import { captureIo } from '../captured-io.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovadex-inspect-'));
  writeFileSync(
    join(folder, 'web.ova'),
    tarBytes([
      { name: 'web.ovf', data: FULL_OVF },
      { name: 'disk.vmdk', size: 3000 },
    ]),
  );
  writeFileSync(join(folder, 'half.ova'), tarBytes([{ name: 'web.ovf', data: FULL_OVF }]));
  writeFileSync(join(folder, 'page.ova'), '<html>404</html>');
  mkdirSync(join(folder, 'alone'));
  writeFileSync(join(folder, 'alone/web.ovf'), FULL_OVF);
  mkdirSync(join(folder, 'package'));
  writeFileSync(
    join(folder, 'package/web.xml'),
    sampleOvf({ files: [{ href: 'a%20disk' }, { href: 'b', size: 2, chunkSize: 1 }, { href: 'c%2fd' }] }),
  );
  for (const name of ['a disk', 'b.000000000', 'b.000000001', 'c%2fd', 'another']) {
    writeFileSync(join(folder, 'package', name), 'x');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

async function inspect(...words: readonly string[]) {
  const io = captureIo();
  const code = await run(['inspect', ...words.map((word) => (word.startsWith('-') ? word : join(folder, word)))], io);
  return { code, out: io.out().replaceAll(`${folder}/`, ''), err: io.err().replaceAll(`${folder}/`, '') };
}

describe('ovadex inspect', () => {
  test('describes an image for people, its state first', async () => {
    const { code, out } = await inspect('web.ova');
    expect(code).toBe(0);
    expect(out).toBe(`web.ova: ok
  name         Web
  product      Web Server 2 (Example)
  system       ubuntu64Guest (linux)
  hardware     vmx-19, vmx-20
  resources    4 CPUs, 2 GiB of memory, 1 disk of 20 GiB, 1 network card
  networks     lan
  files        1 file, 2.9 KiB: disk.vmdk
  options      small, large (default)
  properties   1 to set: com.example.host
  firmware     efi, secure boot
  annotation   A web server
  licence      has to be accepted
`);
  });

  test('says what is wrong with others', async () => {
    const { code, out } = await inspect('page.ova', 'half.ova', 'alone/web.ovf');
    expect(code).toBe(0);
    expect(out).toContain('page.ova: broken\n  reason       not-an-ova: an HTML page\n\nhalf.ova: incomplete');
    expect(out).toContain('half.ova: incomplete\n  reason       missing-member: disk.vmdk\n');
    expect(out).toContain('alone/web.ovf: incomplete\n  reason       missing-file: disk.vmdk\n');
  });

  test('prints a line of JSON for each file, with the same keys for all', async () => {
    const { out } = await inspect('--json', 'web.ova', 'page.ova');
    const [web, page, ...rest] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rest).toEqual([]);
    expect(web).toEqual({
      file: 'web.ova',
      name: 'Web',
      product: 'Web Server',
      vendor: 'Example',
      version: '2',
      full_version: '2.1 build 7',
      product_url: 'https://example.org/',
      os: {
        id: 94,
        description: 'Ubuntu Linux (64-bit)',
        version: '24.04',
        vmw_os_type: 'ubuntu64Guest',
        vbox_os_type: 'Ubuntu_64',
        family: 'linux',
      },
      hardware: ['vmx-19', 'vmx-20'],
      cpus: 4,
      memory_mib: 2048,
      disks: { count: 1, capacity_bytes: 20 * 2 ** 30 },
      nics: 1,
      networks: ['lan'],
      files: [{ href: 'disk.vmdk', size: 3000, compression: null, chunk_size: null }],
      download_bytes: 3000,
      has_eula: true,
      annotation: 'A web server',
      properties: [
        {
          key: 'com.example.host',
          type: 'string',
          label: 'Host name',
          user_configurable: true,
          password: false,
          default: 'web',
        },
        {
          key: 'com.example.secret',
          type: 'string',
          label: null,
          user_configurable: false,
          password: true,
          default: null,
        },
      ],
      configurations: [
        { id: 'small', label: 'Small' },
        { id: 'large', label: 'Large' },
      ],
      default_configuration: 'large',
      firmware: 'efi',
      secure_boot: true,
      systems: [
        {
          id: 'web',
          name: 'Web',
          cpus: 4,
          memory_mib: 2048,
          nics: 1,
          disks: 1,
          os: {
            id: 94,
            description: 'Ubuntu Linux (64-bit)',
            version: '24.04',
            vmw_os_type: 'ubuntu64Guest',
            vbox_os_type: 'Ubuntu_64',
          },
        },
      ],
      ovf_version: '1.x',
      state: 'ok',
      reasons: [],
      notes: [],
      read: { requests: 1, bytes: expect.any(Number) },
    });
    expect(Object.keys(page ?? {})).toEqual(Object.keys(web ?? {}));
    expect(page).toMatchObject({ name: null, files: null, state: 'broken', reasons: ['not-an-ova: an HTML page'] });
  });

  test('finds the files beside a descriptor, whatever it is called', async () => {
    const { out } = await inspect('package/web.xml');
    expect(out).toMatch(/^package\/web\.xml: ok\n/);
    expect(out).not.toContain('was not looked into');
  });

  test('goes on after a file that is not there, and says so', async () => {
    const { code, out, err } = await inspect('gone.ova', 'alone', 'web.ova');
    expect(code).toBe(66);
    expect(err).toBe('ovadex: gone.ova: there is no such file\novadex: alone: is a folder\n');
    expect(out).toMatch(/^web\.ova: ok\n/);
  });

  test('needs a file', async () => {
    const io = captureIo();
    expect(await run(['inspect'], io)).toBe(2);
    expect(io.err()).toContain("missing required argument 'file'");
  });
});
