import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { TypedLine } from '../../support/process/documented-shell.js';
import { walkDocumented } from '../../support/process/documented-walk.js';
import { describeInstalled } from '../../support/process/installed.js';
import { copySources } from '../../support/process/project-copy.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';

/** The README promises five minutes, most of them for compiling SQLite; a machine that does other things takes longer. */
const WITHIN_MS = 600_000;
/** Whatever comes after that is a matter of seconds. */
const REST_WITHIN_S = 60;
const IMAGES = ['images/ubuntu 24.04.ova', 'old/deep/er/debian.ovf', 'x.ova'];

describeInstalled('a newcomer who types what the README says', [apacheMissing], () => {
  it(
    'has the first list of an own Apache, from nothing but the sources: a minute after they are installed',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'ovadex-newcomer-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      chmodSync(directory, 0o755); // the serving account reads it
      for (const path of [...IMAGES, 'notes.txt']) {
        const file = join(directory, 'jm', path);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileSync(file, 'x');
      }
      const auth = { username: 'svc-ovadex', password: 'of the service account' };
      const apache = await startApache({ directory, auth });
      onTestFinished(() => apache.stop());
      const folder = copySources();
      onTestFinished(() => rmSync(folder, { recursive: true }));

      const typed = await walkDocumented({
        ...{ folder, storage: apache.url, password: auth.password },
        ...{ isFresh: true, withinMs: WITHIN_MS },
      });
      console.log(timesOf(typed));
      const [, ...rest] = typed;
      expect(rest.reduce((total, { seconds }) => total + seconds, 0)).toBeLessThan(REST_WITHIN_S);
      const of = (word: string) => typed.find(({ line }) => line.includes(word))?.output ?? '';
      for (const path of IMAGES) expect(of('ovadex images')).toContain(path);
      const answer = JSON.parse(/^\{.*\}$/m.exec(of('curl'))?.[0] ?? '') as { data: { path: string }[] };
      expect(new Set(answer.data.map(({ path }) => path))).toEqual(new Set(IMAGES));
    },
    // The shell is ended before; the rest is cleaning up.
    WITHIN_MS + 30_000,
  );
});

/** How long each line took, for whoever reads the log. */
function timesOf(typed: readonly TypedLine[]): string {
  const rows = typed.map(({ line, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${line.split('\n')[0]}`);
  const sum = typed.reduce((total, { seconds }) => total + seconds, 0);
  return [...rows, `${sum.toFixed(1).padStart(7)} s  in all`].join('\n');
}
