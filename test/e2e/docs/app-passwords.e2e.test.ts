import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { blocksOf } from '../../docs/documents.js';

/** In place of sudo: Nextcloud's command line, as far as it is called; `broken` has no app password made. */
const STAND_IN = `#!/bin/sh
[ "$1 $2 $3 $4 $5" = "-u www-data php /var/www/nextcloud/occ -n" ] || exit 64
shift 5
echo "$*" >>"$CALLS"
case "$1 $2" in
  "user:list --limit=1000000") printf '  - jm: Jo M: of 1\\n  - o.neill@x: O\\n  - with space: W\\n  - broken: B\\n  - there: T\\n' ;;
  "user:auth-tokens:add broken") echo "user not found" ; exit 1 ;;
  "user:auth-tokens:add "*) printf 'app password:\\n%s\\n' "$(printf '%072d' "$(wc -l <"$CALLS")")" ;;
  *) exit 64 ;;
esac
`;

const [block] = blocksOf('config/README.md', 'sh', 'occ');

it('the shell that makes app passwords writes a private file for each user who has none, and is safe to repeat', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ovadex-occ-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  const users = join(scratch, 'users');
  const bin = join(scratch, 'bin');
  for (const folder of [users, bin]) mkdirSync(folder);
  for (const [name, text] of [
    ['sudo', STAND_IN],
    ['chown', '#!/bin/sh\n[ "$1" = ovadex ]\n'],
  ] as const) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(join(users, 'there'), 'old', { mode: 0o600 });
  const calls = join(scratch, 'calls');
  writeFileSync(calls, '');
  const script = block?.text.replaceAll('/etc/ovadex/users', users) ?? '';
  const run = () =>
    promisify(execFile)('sh', ['-c', script], { env: { PATH: `${bin}:${process.env['PATH']}`, CALLS: calls } }).catch(
      (error: unknown) => error, // the last user may have no app password
    );
  const made = () => readdirSync(users).filter((name) => !name.startsWith('.'));

  await run();
  expect(made()).toEqual(['jm', 'o.neill@x', 'there', 'with space']);
  expect(readFileSync(join(users, 'with space'), 'utf8')).toMatch(/^[0-9]{72}\n$/);
  expect(statSync(join(users, 'jm')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(users, 'there'), 'utf8')).toBe('old');

  const before = made().map((name) => readFileSync(join(users, name), 'utf8'));
  await run();
  expect(made().map((name) => readFileSync(join(users, name), 'utf8'))).toEqual(before);
  const asked = readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line === 'user:auth-tokens:add jm');
  expect(asked).toHaveLength(1);
});
