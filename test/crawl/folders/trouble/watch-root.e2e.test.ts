import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FolderWatch, watchSpace } from '../../../../src/crawl/folders/folder-watch.js';
import {
  changedMounts,
  createLookInTurn,
  type FoundRoot,
  isSameRoot,
  mountsAround,
} from '../../../../src/crawl/folders/watch-root.js';
import { describeInstalled } from '../../../support/process/installed.js';

const run = promisify(execFile);
const SOON = { timeout: 10_000, interval: 20 };
/** A change is hinted at 300 ms after the last one of a burst. */
const PROBE = { timeout: 700, interval: 20 };
const LOOK_EVERY_MS = 200;

let base: string;
let root: string;
let watch: FolderWatch;
let hints: string[];
let lines: string[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'ovadex-root-'));
  root = join(base, 'space');
  hints = [];
  lines = [];
});
afterEach(async () => {
  await watch.stop();
  await rm(base, { recursive: true, force: true });
});

function start(directory = root): void {
  const logger = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
  watch = watchSpace({
    directory,
    onHint: (collections) => void hints.push(...collections),
    logger,
    lookEveryMs: LOOK_EVERY_MS,
  });
}

/** Changes below the folder are hinted at, within as long as it takes to watch it again. */
async function expectHints(folder = root, collection = ''): Promise<void> {
  for (const until = Date.now() + SOON.timeout; ; ) {
    hints = [];
    await writeFile(join(folder, `probe-${Math.random()}.ova`), 'x');
    const isHinted = await vi.waitUntil(() => hints.includes(collection), PROBE).catch(() => false);
    if (isHinted) return;
    if (Date.now() > until) expect(hints).toContain(collection);
  }
}

const makeSpace = async () => await mkdir(join(root, 'images/old'), { recursive: true });

describe('a watched root', () => {
  it('that is removed and made again is watched, with what is below it then, and hinted at', async () => {
    await makeSpace();
    start();
    await expectHints();
    await rm(root, { recursive: true });
    await expect
      .poll(() => lines, SOON)
      .toEqual([`the watched folder ${root} is not there (ENOENT); hints resume when it is`]);
    hints = [];
    await makeSpace();
    await expect.poll(() => hints, SOON).toContain('');
    await expectHints(join(root, 'images/old'), 'images/old');
    expect(lines.slice(1)).toEqual([`the watched folder ${root} is there`]);
  });

  it('that is replaced by another folder of its name is watched, and hinted at', async () => {
    await makeSpace();
    await mkdir(join(base, 'other/fresh'), { recursive: true });
    start();
    await expectHints();
    hints = [];
    await rename(root, join(base, 'away'));
    await rename(join(base, 'other'), root);
    await expect.poll(() => hints, SOON).toContain('');
    await expectHints(join(root, 'fresh'), 'fresh');
  });

  it('that is removed and made again in one go is watched, time and again', async () => {
    await makeSpace();
    start();
    for (let i = 0; i < 4; i++) {
      await expectHints(join(root, 'images'), 'images');
      hints = [];
      await run('sh', ['-c', 'rm -rf "$1" && mkdir -p "$1/images/old"', 'sh', root]);
      await expect.poll(() => hints, SOON).toContain('');
    }
    await expectHints(join(root, 'images/old'), 'images/old');
  });

  it('that is a link is followed to where it leads now', async () => {
    for (const each of ['a/images', 'b/images']) await mkdir(join(base, each), { recursive: true });
    await symlink(join(base, 'a'), root);
    start();
    await expectHints(join(base, 'a/images'), 'images');
    hints = [];
    await unlink(root);
    await symlink(join(base, 'b'), root);
    await expect.poll(() => hints, SOON).toContain('');
    await expectHints(join(base, 'b/images'), 'images');
    hints = [];
    await writeFile(join(base, 'a/images/x.ova'), 'x');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(hints).toEqual([]);
  });

  it('whose parent is missing at the start is watched once it is there', async () => {
    const late = join(base, 'mount/point/space');
    start(late);
    await expect.poll(() => lines, SOON).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 5 * LOOK_EVERY_MS));
    expect(lines).toHaveLength(1);
    await mkdir(join(late, 'images'), { recursive: true });
    await expect.poll(() => hints, SOON).toContain('');
    await expectHints(join(late, 'images'), 'images');
  });

  it('that is a file for a while is told of as missing', async () => {
    await writeFile(root, 'x');
    start();
    await expect.poll(() => lines, SOON).toEqual([expect.stringContaining('is not there (ENOTDIR)')]);
    await rm(root);
    await makeSpace();
    await expectHints();
  });

  it('notices a folder below it that is removed and made again in one go', async () => {
    await makeSpace();
    start();
    for (let i = 0; i < 3; i++) {
      await expectHints(join(root, 'images/old'), 'images/old');
      await run('sh', ['-c', 'rm -rf "$1" && mkdir -p "$1/old"', 'sh', join(root, 'images')]);
    }
    await expectHints(join(root, 'images/old'), 'images/old');
    expect(lines).toEqual([]);
  });
});

const canMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;

describeInstalled('a watched mount point', [canMount ? null : 'the right to mount'], () => {
  it('is watched as it is, with its disk and without, however quickly that comes and goes', async (context) => {
    await makeSpace();
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', root]).status !== 0) {
      start();
      context.skip('mounting is not allowed here');
    }
    try {
      await mkdir(join(root, 'disk'));
      start();
      await expectHints(join(root, 'disk'), 'disk');
      hints = [];
      execFileSync('umount', [root]);
      await expect.poll(() => hints, SOON).toContain('');
      await expectHints(join(root, 'images'), 'images');
      hints = [];
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', root]);
      await mkdir(join(root, 'disk'));
      await expect.poll(() => hints, SOON).toContain('');
      await expectHints(join(root, 'disk'), 'disk');
    } finally {
      spawnSync('umount', ['-l', root]);
    }
  });

  it('below the root is watched with its disk and without, and hinted at', async (context) => {
    await makeSpace();
    const point = join(root, 'images');
    start();
    await expectHints(point, 'images');
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', point]).status !== 0) context.skip('mounting is not allowed here');
    try {
      await expect.poll(() => hints, SOON).toContain('images');
      await expectHints(point, 'images');
      hints = [];
      execFileSync('umount', [point]);
      await expect.poll(() => hints, SOON).toContain('images');
      await expectHints(join(point, 'old'), 'images/old');
    } finally {
      spawnSync('umount', ['-l', point]);
    }
  });
});

describe('a change of mounts', () => {
  const info = (...mounts: readonly string[]) =>
    mounts.map((each) => `${each} rw,relatime - ext4 /dev/x rw`).join('\n');
  const found = (mountinfo: string): FoundRoot => ({
    path: '/srv/my space',
    device: 1n,
    inode: 2n,
    bornAt: 3n,
    mounts: mountsAround('/srv/my space', mountinfo),
  });
  const BEFORE = info(
    '1 0 8:1 / /',
    '2 1 8:2 / /srv/my\\040space',
    '3 2 8:3 / /srv/my\\040space/usb',
    '9 1 8:9 / /home',
  );

  it.each<[string, string, readonly string[]]>([
    ['elsewhere is none', BEFORE.replace('/home', '/media'), []],
    ['of the same disk at the root is one', BEFORE.replace('2 1 8:2', '7 1 8:2'), ['/srv/my space']],
    ['below is one', BEFORE.replace('3 2 8:3 / /srv/my\\040space/usb', ''), ['/srv/my space/usb']],
    ['above is one', `${BEFORE}\n${info('5 1 8:5 / /srv')}`, ['/srv']],
    ['of a name that begins alike is none', `${BEFORE}\n${info('5 1 8:5 / /srv/my\\040spaces')}`, []],
    ['that cannot be read is none', BEFORE, []],
  ])('%s', (_, after, expected) => {
    expect(changedMounts(found(BEFORE), found(after))).toEqual(expected);
    expect(isSameRoot(found(BEFORE), found(after))).toBe(expected.length === 0);
  });
});

/** What this process watches by inotify. */
async function countWatches(): Promise<number> {
  let count = 0;
  for (const fd of await readdir('/proc/self/fdinfo')) {
    const info = await readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => '');
    count += info.split('\n').filter((line) => line.startsWith('inotify wd:')).length;
  }
  return count;
}

describe('the watches of the kernel', () => {
  it('are one for each folder and none for images, whose changes in place are seen all the same', async () => {
    const folders = Array.from({ length: 30 }, (_, i) => `f${i}`);
    for (const folder of folders) {
      await mkdir(join(root, folder), { recursive: true });
      for (let i = 0; i < 10; i++) await writeFile(join(root, folder, `${i}.ova`), 'x');
    }
    const before = await countWatches();
    start();
    await expect.poll(countWatches, SOON).toBe(before + 1 + folders.length);
    await expectHints(join(root, 'f0'), 'f0');
    for (const [folder, change] of [
      ['f1', () => writeFile(join(root, 'f1/3.ova'), 'longer')],
      ['f2', () => writeFile(join(root, 'f2/3.ova'), 'x', { flag: 'r+' })],
      ['f3', () => writeFile(join(root, 'f3/3.ova'), 'more', { flag: 'a' })],
      ['f4', () => rm(join(root, 'f4/3.ova'))],
      ['f5', () => rename(join(root, 'f5/3.ova'), join(root, 'f5/3.txt'))],
      ['f6', () => utimes(join(root, 'f6/3.ova'), 1, 1)],
      ['f7', () => rename(join(root, 'f7/3.ova'), join(root, 'f7/4.ova'))],
    ] as const) {
      hints = [];
      await change();
      await expect.poll(() => hints, SOON).toContain(folder);
    }
    hints = [];
    await readFile(join(root, 'f8/3.ova'));
    await readdir(join(root, 'f8'));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(hints).toEqual([]);
    expect(await countWatches()).toBe(before + 1 + folders.length);
  });

  const script = `
    import { appendFileSync, writeFileSync } from 'node:fs';
    import { watchSpace } from '${new URL('../../../../src/crawl/folders/folder-watch.ts', import.meta.url)}';
    const [, , directory] = process.argv;
    const log = (level) => (text) => console.log(JSON.stringify({ level, text }));
    const logger = { warn: log('warn'), info: log('info'), error: log('error') };
    watchSpace({ directory, onHint: (hints) => console.log(JSON.stringify({ hints })), logger, lookEveryMs: 200 });
    process.stdin.on('data', (text) => writeFileSync('/proc/sys/user/max_inotify_watches', String(text)));
  `;
  const limited = ['-Ur', 'sh', '-c', 'echo 20 > /proc/sys/user/max_inotify_watches && exec "$@"', 'sh'];
  const canLimit = spawnSync('unshare', [...limited, 'true']).status === 0;

  it('that run out are told of in one line, and once there are more, all is watched', async (context) => {
    start(base);
    if (!canLimit) context.skip('user namespaces are not allowed here');
    for (let i = 0; i < 60; i++) {
      await mkdir(join(root, `f${i}`), { recursive: true });
      await writeFile(join(root, `f${i}/x.ova`), 'x');
    }
    const file = join(base, 'limited.mts');
    await writeFile(file, script);
    const tsx = new URL('../../../../node_modules/tsx/dist/loader.mjs', import.meta.url).href;
    const child = execFile('unshare', [...limited, process.execPath, '--import', tsx, file, root]);
    const told: { level?: string; text?: string; hints?: string[] }[] = [];
    child.stdout?.on('data', (text: string) => {
      for (const line of text.trim().split('\n')) told.push(JSON.parse(line));
    });
    try {
      const warnings = () => told.flatMap(({ level, text }) => (level === undefined ? [] : [text]));
      await expect.poll(warnings, { timeout: 20_000 }).toHaveLength(1);
      expect(warnings()[0]).toMatch(
        /^4\d folders below .*space can't be watched: the limit user\.max_inotify_watches \(20\) is reached; raise it/,
      );
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(warnings()).toHaveLength(1);
      child.stdin?.write('1000');
      const hinted = () => new Set(told.flatMap((each) => each.hints ?? []));
      await expect.poll(hinted, { timeout: 20_000 }).toContain('');
      for (let i = 0; i < 60; i++) await writeFile(join(root, `f${i}/y.ova`), 'x');
      await expect.poll(() => hinted().size, { timeout: 20_000 }).toBe(61);
      expect(warnings()).toHaveLength(1);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('looks at roots', () => {
  it('come one after the other, whatever becomes of one', async () => {
    await mkdir(root);
    start();
    const inTurn = createLookInTurn();
    const order: string[] = [];
    let open: () => void = () => undefined;
    const first = inTurn(() => new Promise<void>((resolve) => (open = resolve)).then(() => void order.push('first')));
    const second = inTurn(() => Promise.reject(new Error('no')));
    const third = inTurn(async () => void order.push('third'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(order).toEqual([]);
    open();
    await expect(second).rejects.toThrow('no');
    await Promise.all([first, third]);
    expect(order).toEqual(['first', 'third']);
  });
});
