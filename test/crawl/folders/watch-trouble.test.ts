import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { createWatchTrouble, type WatchTrouble } from '../../../src/crawl/folders/watch-trouble.js';

const HOUR = 3_600_000;

describe('folders that cannot be watched', () => {
  let lines: string[];
  let limits: Record<string, number>;
  let now: number;
  let trouble: WatchTrouble;

  beforeEach(() => {
    lines = [];
    now = 0;
    limits = { 'fs.inotify.max_user_watches': 8_192, 'fs.inotify.max_user_instances': 128 };
    const logger = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
    const readLimit = async (key: string) => limits[key] ?? null;
    trouble = createWatchTrouble({ directory: '/srv/dav/lab', logger, steadyClock: () => now, readLimit });
  });

  const fail = (code: string, times = 1, message = `${code}: no`) => {
    for (let i = 0; i < times; i++) trouble.note(Object.assign(new Error(message), { code }));
  };

  it('are told in one line, with their number, the limit and the remedy', async () => {
    fail('ENOSPC', 781);
    await trouble.tell();
    await trouble.tell();
    expect(lines).toEqual([
      "781 folders below /srv/dav/lab can't be watched: the limit fs.inotify.max_user_watches (8192) is reached; raise it (permanently with a file in /etc/sysctl.d): sysctl -w fs.inotify.max_user_watches=524288. Scheduled syncs find what hints miss; a raised limit is noticed within seconds",
    ]);
  });

  it.each([
    ['ENOSPC', { 'user.max_inotify_watches': 20 }, 'user.max_inotify_watches (20) is reached', 524_288],
    ['ENOSPC', { 'fs.inotify.max_user_watches': 1_000_000 }, 'max_user_watches (1000000) is reached', 4_000_000],
    ['EMFILE', {}, 'fs.inotify.max_user_instances (128) is reached', 1_024],
  ])('by %s name the limit that holds: %j', async (code, more, expected, enough) => {
    Object.assign(limits, more);
    fail(code);
    await trouble.tell();
    expect(lines[0]).toContain(expected);
    expect(lines[0]).toContain(`=${enough}.`);
  });

  it('say so where the limit cannot be read', async () => {
    limits = {};
    fail('ENOSPC');
    await trouble.tell();
    expect(lines[0]).toContain('1 folder below /srv/dav/lab can');
    expect(lines[0]).toContain('the limit fs.inotify.max_user_watches is reached');
  });

  it('for another reason are told with that', async () => {
    fail('EACCES', 2, "EACCES: permission denied, watch '/srv/dav/lab/shut'");
    await trouble.tell();
    expect(lines).toEqual([
      "2 folders below /srv/dav/lab can't be watched: EACCES: permission denied, watch '/srv/dav/lab/shut'. Scheduled syncs find what hints miss",
    ]);
  });

  it('that become more are told again after an hour, not sooner', async () => {
    fail('ENOSPC');
    await trouble.tell();
    fail('ENOSPC', 4);
    now += HOUR - 1;
    await trouble.tell();
    expect(lines).toHaveLength(1);
    now += 1;
    await trouble.tell();
    expect(lines[1]).toMatch(/^5 folders/);
  });

  it('are worth another try when the limit was raised, or after an hour', async () => {
    expect(await trouble.mayBeOver()).toBe(false);
    fail('ENOSPC', 7);
    await trouble.tell();
    expect(await trouble.mayBeOver()).toBe(false);
    limits['fs.inotify.max_user_watches'] = 16_384;
    expect(await trouble.mayBeOver()).toBe(true);
    fail('ENOSPC', 3);
    await trouble.tell();
    expect(lines[1]).toMatch(/^3 folders.*\(16384\)/);
    now += HOUR;
    expect(await trouble.mayBeOver()).toBe(true);
    expect(await trouble.mayBeOver()).toBe(false);
  });

  it('are counted from nothing when all is watched anew, and not told again for that', async () => {
    fail('ENOSPC', 7);
    await trouble.tell();
    trouble.restart();
    fail('ENOSPC', 7);
    await trouble.tell();
    expect(lines).toHaveLength(1);
  });
});
