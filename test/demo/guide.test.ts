import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { guideSteps } from '../../src/demo/guide.js';

const steps = guideSteps({
  apiUrl: 'http://127.0.0.1:8080',
  user: 'jm',
  token: 'own-token',
  adminToken: 'admin-token',
  syncId: 7,
  directory: "/tmp/it's mine/jm",
});
const commandFor = (part: string) => steps.find(({ command }) => command.includes(part))?.command ?? '';

/** The words that a real shell makes of a command. */
function shellWords(command: string): string[] {
  const script = `curl() { printf '%s\\n' curl "$@"; }; cp() { printf '%s\\n' cp "$@"; }; sleep() { :; }; ${command}`;
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
});
