import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GuideFacts, guideOf } from '../../src/demo/guide.js';
import { demoLogLine } from '../../src/demo/log-line.js';
import { jsonFormatter } from '../../src/demo/program-words.js';

const FACTS: GuideFacts = {
  apiUrl: 'http://127.0.0.1:8080',
  user: 'jm',
  token: 'own-token',
  adminToken: 'admin-token',
  syncId: 7,
  directory: "/tmp/it's mine/jm",
  configFile: "/tmp/it's mine/ovadex.yaml",
  program: 'node dist/main.js',
  formatter: null,
};
const guide = guideOf(FACTS);
const commandFor = (part: string) => guide.requests.find(({ command }) => command.includes(part))?.command ?? '';

/** The words that a real shell makes of a command. */
function shellWords(command: string): string[] {
  const script = `curl() { printf '%s\\n' curl "$@"; }; cp() { printf '%s\\n' cp "$@"; }; sleep() { :; }; ${guide.variables.join('; ')}; ${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

describe('the guide\u2019s commands', () => {
  it.each([
    ['/v2/image?name=ubuntu', 'own-token'],
    ['/v2/image?sort=name,desc', 'own-token'],
    ['/v2/request/image_sync/7', 'admin-token'],
  ])('ask for %s with the %s', (path, token) => {
    expect(shellWords(commandFor(path))).toEqual([
      'curl',
      '-s',
      '-w',
      '\\n',
      '-H',
      `Authorization: Bearer ${token}`,
      `http://127.0.0.1:8080${path}`,
    ]);
  });

  it('ask for a reindex with a JSON body', () => {
    const words = shellWords(commandFor('/v2/admin/sync'));
    expect(words).toEqual(expect.arrayContaining(['-X', 'POST', 'Content-Type: application/json', '{"user":"jm"}']));
  });

  it('quote whatever the temporary directory is called', () => {
    expect(shellWords(commandFor('cp ')).slice(0, 3)).toEqual([
      'cp',
      "/tmp/it's mine/jm/images/Ubuntu_64-bit-vmx10.ova",
      "/tmp/it's mine/jm/images/dropped.ova",
    ]);
  });

  it('name each token once', () => {
    const all = [...guide.variables, ...guide.requests.map(({ command }) => command)].join('\n');
    expect(all.split('own-token')).toHaveLength(2);
    expect(all.split('admin-token')).toHaveLength(2);
    expect(Math.max(...guide.requests.map(({ command }) => command.split(' && ').at(-1)?.length ?? 0))).toBeLessThan(
      161,
    );
  });

  it('show answers formatted where something can do that', () => {
    const { requests } = guideOf({ ...FACTS, formatter: 'jq' });
    expect(requests.every(({ command }) => command.endsWith(' | jq'))).toBe(true);
  });

  it('name commands that find the configuration by a variable', () => {
    expect(
      execFileSync('sh', ['-c', `${guide.variables.join('; ')}; echo "$OVADEX_CONFIG"`], { encoding: 'utf8' }),
    ).toBe("/tmp/it's mine/ovadex.yaml\n");
    expect(guide.commands.map(({ command }) => command.split(' ')[2])).toEqual([
      'status',
      'spaces',
      'images',
      'why',
      'doctor',
    ]);
  });
});

it('npm run demo says so before it builds', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  expect(scripts['demo']).toMatch(/^echo Building ovadex, [^&]*&& npm run/);
});

describe('what the machine has', () => {
  it('formats JSON by jq, else by Python, else not at all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ovadex-path-'));
    try {
      expect(jsonFormatter(undefined)).toBeNull();
      expect(jsonFormatter(folder)).toBeNull();
      await writeFile(join(folder, 'python3'), '', { mode: 0o755 });
      expect(jsonFormatter(`/nowhere:${folder}`)).toContain('python3 -m json.tool');
      await writeFile(join(folder, 'jq'), '', { mode: 0o644 });
      expect(jsonFormatter(folder)).toContain('python3');
      await chmod(join(folder, 'jq'), 0o755);
      expect(jsonFormatter(folder)).toBe('jq');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a log line on the demo\u2019s terminal', () => {
  it.each([
    [
      { level: 'info', audit: true, act: 'sync', by: 'admin', from: '127.0.0.1', outcome: 'done', msg: 'audit' },
      'audit.log: sync by admin: done',
    ],
    [{ level: 'warn', time: 'now', msg: 'sync failed', detail: 'no answer' }, 'warn: sync failed: no answer'],
    [{ level: 'error', msg: 'x', err: { stack: 'a\nb' } }, 'error: x'],
  ])('is one: %j', (line, shown) => {
    expect(demoLogLine(JSON.stringify(line))).toBe(`  ${shown}\n`);
  });
});
