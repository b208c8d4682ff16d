import { describe, expect, onTestFinished, test } from 'vitest';
import { inspect } from '../../../src/cli/commands/inspect.js';
import { verify } from '../../../src/cli/commands/verify.js';
import type { OpenPlace } from '../../../src/cli/files/image-place.js';
import { type Pace, UNPACED } from '../../../src/cli/files/pace.js';
import { spacePlace } from '../../../src/cli/files/space-place.js';
import { type DavServerOptions, startDavServer } from '../../support/dav-server/dav-server.js';
import { sumOf, webPackage } from '../../support/ovf/package.js';
import { sampleOvf } from '../../support/ovf/sample.js';
import { tarBytes } from '../../support/ovf/tar.js';
import { isThorough } from '../../support/thorough.js';
import { createTestWebdav } from '../../webdav/open-store.js';
import { captureIo } from '../captured-io.js';

const LONG_AGO = { modifiedAt: Date.UTC(2026, 0, 1) };
const { ovf, disk, manifest } = webPackage({ diskBytes: 2_500_000 });

/** A space with an archive and a package in it, and the commands on it. */
async function openSpace(options: DavServerOptions = {}) {
  const dav = await startDavServer(options);
  onTestFinished(() => dav.close());
  const put = (path: string, content: string | Uint8Array, at = LONG_AGO) =>
    dav.tree.put(path, { content: Buffer.from(content), ...at });
  put('lab/web.ova', tarBytes([ovf, manifest, disk]));
  for (const { name, data } of [ovf, manifest, disk]) put(`lab/pack/${name}`, data);
  const webdav = createTestWebdav({ waitsOutLoad: true, keepsFiles: true });
  const open: OpenPlace = async (signal) => spacePlace(webdav.open({ url: dav.url, auth: { type: 'none' } }), signal);
  const run = async (
    command: 'inspect' | 'verify',
    files: readonly string[],
    words: { json?: boolean; isTTY?: boolean; pace?: Pace } = {},
  ) => {
    const io = captureIo({ isTTY: words.isTTY ?? false });
    const user = { user: 'jm', json: words.json };
    const code =
      command === 'inspect'
        ? await inspect(files, user, io, open)
        : await verify(files, user, io, { open, pace: words.pace ?? UNPACED });
    return { code, out: io.out(), err: io.err().replaceAll(dav.url, 'http://dav/') };
  };
  const asked = () =>
    dav.requests.map(({ method, path, headers }) => `${method} ${path} ${headers['range'] ?? ''}`.trim());
  return { dav, put, run, asked, waits: webdav.waits };
}

describe('ovadex inspect of files in a space', () => {
  test('tells what they are, with one listing for a folder and one request for each', async () => {
    const { put, run, asked } = await openSpace();
    put('lab/pack/half.ovf', sampleOvf({ files: [{ href: 'gone.vmdk' }] }));
    const { code, out } = await run('inspect', ['/lab/pack/web.ovf', 'lab/pack/half.ovf', 'lab/web.ova']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\/lab\/pack\/web\.ovf: ok\n/);
    expect(out).toContain('lab/pack/half.ovf: incomplete\n  reason       missing-file: gone.vmdk\n');
    expect(out).toContain('lab/web.ova: ok\n');
    expect(asked()).toEqual([
      'PROPFIND lab/pack',
      expect.stringMatching(/^GET lab\/pack\/web\.ovf bytes=0-/),
      expect.stringMatching(/^GET lab\/pack\/half\.ovf bytes=0-/),
      'PROPFIND lab',
      'GET lab/web.ova bytes=0-32767',
    ]);
  });

  test('says that somebody may still be writing', async () => {
    const { put, run } = await openSpace();
    put('new.ova', tarBytes([ovf, manifest, disk]), { modifiedAt: Date.now() });
    expect((await run('inspect', ['new.ova'])).out).toMatch(/^new\.ova: uploading\n/);
  });

  test('does without sizes where the storage tells none', async () => {
    const { run } = await openSpace({ properties: { size: 'absent' } });
    const { out } = await run('inspect', ['lab/pack/web.ovf', 'lab/web.ova'], { json: true });
    const states = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).state);
    expect(states).toEqual(['ok', 'ok']);
  });

  test('goes on after a file or a folder that is not there', async () => {
    const { run } = await openSpace();
    expect(await run('inspect', ['lab/gone.ova', 'gone/x.ova', 'lab/pack', 'lab/pack/notes.xml'])).toEqual({
      code: 66,
      out: '',
      err: [
        'ovadex: lab/gone.ova: there is no such file in the space',
        'ovadex: gone/x.ova: there is no such folder in the space',
        'ovadex: lab/pack: is a folder',
        'ovadex: lab/pack/notes.xml: there is no such file in the space\n',
      ].join('\n'),
    });
  });

  test('stops asking once the storage has refused the credentials, and says what to do', async () => {
    const { dav, run, asked } = await openSpace();
    dav.fault('lab', { status: 401 });
    const { code, err } = await run('inspect', ['lab/web.ova', 'lab/pack/web.ovf']);
    expect(code).toBe(69);
    expect(err).toMatch(/^ovadex: lab\/web\.ova: PROPFIND http:\/\/dav\/lab\/ with Depth 1: answered 401/);
    expect(err).toContain('; "ovadex doctor --user jm" looks for the reason\n');
    expect(asked()).toHaveLength(1);
  });

  test('says that a file changed meanwhile', async () => {
    const { dav, run } = await openSpace();
    dav.fault('lab/web.ova', { status: 412 });
    const { code, err } = await run('inspect', ['lab/web.ova']);
    expect(code).toBe(75);
    expect(err).toContain('it changed while it was read: answered 412: it is another file by now; ask again');
  });
});

describe('ovadex verify of images in a space', () => {
  test('compares packages and archives, each file in one request', async () => {
    const { run, asked } = await openSpace();
    const { code, out } = await run('verify', ['lab/pack/web.ovf', 'lab/web.ova']);
    expect([code, out]).toEqual([
      0,
      'lab/pack/web.ovf: ok, 2 files as in web.mf\nlab/web.ova: ok, 2 files as in web.mf\n',
    ]);
    expect(asked()).toEqual([
      'PROPFIND lab/pack',
      'GET lab/pack/web.mf',
      'PROPFIND lab/pack', // after each file, whether it is the same
      'GET lab/pack/web.ovf',
      'PROPFIND lab/pack',
      'GET lab/pack/disk.vmdk',
      'PROPFIND lab/pack',
      'PROPFIND lab',
      'GET lab/web.ova bytes=0-4095',
      expect.stringMatching(/^GET lab\/web\.ova bytes=25\d{5}-/), // the header behind the disk
      expect.stringMatching(/^GET lab\/web\.ova bytes=\d+-$/),
      'PROPFIND lab',
    ]);
  });

  test('compares an archive in one pass where ranges are ignored', async () => {
    const { dav, run, asked } = await openSpace();
    dav.fault('lab/web.ova', { ignoresRanges: true });
    const { code, out } = await run('verify', ['lab/web.ova'], { json: true });
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ file: 'lab/web.ova', name: 'web.ovf', result: 'ok' }),
      {
        file: 'lab/web.ova',
        manifest: 'web.mf',
        name: 'disk.vmdk',
        size: 2_500_000,
        result: 'ok',
        algorithm: 'sha256',
        expected_sum: sumOf(disk.data),
        actual_sum: sumOf(disk.data),
      },
    ]);
    expect(asked()).toEqual(['PROPFIND lab', 'GET lab/web.ova bytes=0-4095', 'GET lab/web.ova', 'PROPFIND lab']);
  });

  test.each([
    ['by another clock', () => LONG_AGO.modifiedAt - 3_600_000],
    ['anew with each answer', () => Date.now()],
  ])('takes no storage for changed that dates answers %s', async (_how, date) => {
    const { dav, run } = await openSpace();
    const headers = { 'Last-Modified': new Date(date()).toUTCString(), ETag: '' };
    dav.fault('lab', { below: true, method: 'GET', headers });
    expect((await run('inspect', ['lab/web.ova', 'lab/pack/web.ovf'])).code).toBe(0);
    expect((await run('verify', ['lab/web.ova', 'lab/pack/web.ovf'])).code).toBe(0);
  });

  test('finds what differs and what is missing', async () => {
    const { put, dav, run } = await openSpace();
    put('lab/pack/disk.vmdk', 'another disk');
    expect(await run('verify', ['lab/pack/web.ovf'])).toMatchObject({
      code: 65,
      out: 'lab/pack/web.ovf: damaged, 1 file as in web.mf\n  disk.vmdk: the sum differs\n',
    });
    dav.tree.remove('lab/pack/disk.vmdk');
    expect((await run('verify', ['lab/pack/web.ovf'])).out).toContain('  disk.vmdk: missing\n');
    dav.tree.remove('lab/pack/web.mf');
    const { code, err } = await run('verify', ['lab/pack/web.ovf']);
    expect([code, err]).toEqual([66, 'ovadex: lab/pack/web.ovf: it has no manifest (.mf) to compare with\n']);
  });

  test('names in JSON what the manifest leaves out, and on standard error what it says in vain', async () => {
    const { put, run } = await openSpace();
    const less = { name: 'web.mf', data: `hello\nSHA256(web.ovf)= ${sumOf(ovf.data)}\n` };
    put('lab/web.ova', tarBytes([ovf, less, disk]));
    const { code, out, err } = await run('verify', ['lab/web.ova'], { json: true });
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { name: 'web.ovf', result: 'ok' },
      { name: 'disk.vmdk', result: 'unmentioned', size: null, algorithm: null, expected_sum: null, actual_sum: null },
    ]);
    expect([code, err]).toEqual([
      65,
      'ovadex: lab/web.ova: the manifest has a line that is none of its forms: hello\n',
    ]);
  });

  test('shows on a terminal how far it is, in bytes where nobody knows of how many', async () => {
    const { run } = await openSpace({ properties: { size: 'absent' } });
    const { code, err } = await run('verify', ['lab/pack/web.ovf'], { isTTY: true });
    expect(code).toBe(0);
    expect(err).toMatch(/lab\/pack\/web\.ovf: web\.ovf, \d+ B in all/);
    expect(err).not.toContain('NaN');
    const { run: runKnown } = await openSpace();
    expect((await runKnown('verify', ['lab/web.ova'], { isTTY: true })).err).toMatch(/web\.ovf, 0 % in all/);
  });

  test('goes on where a download broke off, and waits for a host that is busy', async () => {
    const { dav, run, asked, waits } = await openSpace();
    dav.fault('lab/pack/disk.vmdk', { status: 503, retryAfter: 5, times: 1 });
    dav.fault('lab/pack/disk.vmdk', { cutAtByte: 1_200_000, times: 1 });
    expect((await run('verify', ['lab/pack/web.ovf'])).code).toBe(0);
    expect(asked().slice(-4)).toEqual([
      'GET lab/pack/disk.vmdk',
      'GET lab/pack/disk.vmdk',
      'GET lab/pack/disk.vmdk bytes=1048576-',
      'PROPFIND lab/pack',
    ]);
    expect(waits).toContain(5_000);
  });

  test('fails by the storage in its words if it gives no more', async () => {
    const { dav, run } = await openSpace();
    dav.fault('lab/pack/disk.vmdk', { cutAtByte: 1_000 });
    const { code, err } = await run('verify', ['lab/pack/web.ovf', 'lab/web.ova']);
    expect(code).toBe(69);
    expect(err).toMatch(/^ovadex: lab\/pack\/web\.ovf: GET http:\/\/dav\/lab\/pack\/disk\.vmdk: \S/);
  });

  test('says that a disk changed meanwhile', async () => {
    let gets = 0;
    const { dav, put, run } = await openSpace({
      onRequest: ({ method, path }) => {
        if (method !== 'GET' || path !== 'lab/pack/disk.vmdk' || ++gets < 2) return;
        put('lab/pack/disk.vmdk', Buffer.alloc(2_500_000), { modifiedAt: LONG_AGO.modifiedAt + 60_000 });
      },
    });
    dav.fault('lab/pack/disk.vmdk', { cutAtByte: 1_200_000, times: 1 });
    const { code, err } = await run('verify', ['lab/pack/web.ovf']);
    expect(code).toBe(75);
    expect(err).toMatch(/^ovadex: lab\/pack\/web\.ovf: it changed while it was read: it was modified at/);
  });

  describe.each(['lab/pack/web.ovf', 'lab/web.ova'])('and %s', (image) => {
    const file = image.replace('web.ovf', 'disk.vmdk');
    const size = image.endsWith('.ovf') ? disk.data.length : tarBytes([ovf, manifest, disk]).length;
    const later = { modifiedAt: LONG_AGO.modifiedAt + 60_000 };

    test.each<[string, RegExp, (space: Awaited<ReturnType<typeof openSpace>>) => void]>([
      ['was overwritten with as many bytes', /it was modified at/, ({ put }) => put(file, Buffer.alloc(size), later)],
      ['was replaced under its old date', /its ETag has changed/, ({ put }) => put(file, Buffer.alloc(size))],
      ['was appended to', /it has \d+ bytes by now/, ({ put }) => put(file, Buffer.alloc(size + 5), later)],
      ['was removed', /it is gone/, ({ dav }) => dav.tree.remove(file)],
      ['lost its folder', /it is gone/, ({ dav }) => dav.tree.remove(image.slice(0, image.lastIndexOf('/')))],
    ])('tells once it is read that it %s', async (_how, why, change) => {
      const space = await openSpace();
      let isDone = false;
      const pace: Pace = (source) => ({
        ...source,
        async read(from, end) {
          const answer = await source.read(from, end);
          if (end >= disk.data.length && !isDone) change(space);
          isDone ||= end >= disk.data.length;
          return answer;
        },
      });
      const { code, out, err } = await space.run('verify', [image], { pace, json: true });
      expect(code).toBe(75);
      expect(err).toMatch(why);
      expect(err).toContain(`ovadex: ${image}: `);
      expect(out).not.toContain('disk.vmdk');
    });

    test('tells that it changed, not that it differs', async () => {
      const space = await openSpace();
      const torn = image.endsWith('.ovf')
        ? Buffer.alloc(size)
        : tarBytes([ovf, manifest, { ...disk, data: Buffer.alloc(disk.data.length) }]);
      space.put(file, torn);
      let isDone = false;
      const pace: Pace = (source) => ({
        ...source,
        async read(from, end) {
          if (end >= disk.data.length && !isDone) space.put(file, torn, later);
          isDone ||= end >= disk.data.length;
          return await source.read(from, end);
        },
      });
      const { code, out } = await space.run('verify', [image], { pace });
      expect([code, out]).toEqual([75, '']);
    });
  });

  test('says nothing of a change where the storage does not list the folder again', async () => {
    const { dav, run } = await openSpace();
    dav.fault('lab/pack', { method: 'PROPFIND', status: 403, after: 1 });
    const { code, err } = await run('verify', ['lab/pack/web.ovf']);
    expect([code, err]).toEqual([69, expect.stringContaining('answered 403')]);
  });

  test.runIf(isThorough)('reads nothing of a folder with too many files to be known', async () => {
    const { put, run } = await openSpace();
    for (let n = 0; n <= 10_000; n++) put(`many/${n}.txt`, '');
    put('many/web.ovf', ovf.data);
    const { code, err } = await run('verify', ['many/web.ovf']);
    expect([code, err]).toEqual([
      69,
      'ovadex: many/web.ovf: which files are beside it is not known: its folder has more than 10,000\n',
    ]);
  });
});
