import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, PROJECT } from '../../docs/documents.js';
import { type DavServer, startDavServer } from '../../support/dav-server/dav-server.js';
import { type TypedLine, typeScript } from '../../support/process/documented-shell.js';
import { type Resident, startResident } from '../../support/process/resident.js';
import { noteSecret } from '../../support/secrets.js';
import { freePort } from '../../support/servers/server-process.js';
import { startReceiver } from '../../support/servers/webhook-receiver.js';
import { isThorough } from '../../support/thorough.js';

/** Some thirty commands, each of a second where it is a start of the program; a busy machine takes longer. */
const WITHIN_MS = 180_000;
const PASSWORD = 'of the service account';

/** The blocks in their order, each typed as it stands: each test goes on where the last one ended. */
describe('what config/README.md has an operator type', () => {
  const blocks = blocksOf('config/README.md', 'sh', 'operator').map(({ text }) => text);
  let folder: string;
  let dav: DavServer;
  let port: number;
  let env: Readonly<Record<string, string>>;
  let resident: Resident | null = null;
  let typed: readonly TypedLine[] = [];

  beforeAll(async () => {
    noteSecret(PASSWORD);
    folder = mkdtempSync(join(tmpdir(), 'ovadex-operator-'));
    port = await freePort();
    const auth = { username: 'svc-ovadex', password: PASSWORD };
    dav = await startDavServer({ auth: [auth] });
    dav.tree.put('jm/images/ubuntu.ova', { size: 10 });
    dav.tree.put('kim/x.ova', { size: 10 });
    for (const each of ['etc/spaces.d', 'bin', 'run']) mkdirSync(join(folder, each), { recursive: true });
    writeFileSync(join(folder, 'etc/dav.password'), PASSWORD, { mode: 0o600 });
    env = {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      OVADEX_CONFIG: join(folder, 'etc/ovadex.yaml'),
    };
    if (!isThorough) resident = startResident(folder, join(folder, 'resident'), env);
    for (const [name, text] of Object.entries(standIns(folder, resident)))
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  });
  afterAll(async () => {
    if (existsSync(join(folder, 'run/pid'))) await type('systemctl stop ovadex');
    await resident?.end();
    await dav.close();
    rmSync(folder, { recursive: true });
  });

  const type = async (...texts: readonly string[]) => {
    const script = texts
      .join('\n')
      .replaceAll('https://dav.example.org/', dav.url)
      .replaceAll('/etc/ovadex', join(folder, 'etc'))
      .replaceAll('/var/backups/ovadex', join(folder, 'backups'))
      .replaceAll('/tmp/drill', join(folder, 'drill'))
      // It tells by its exit code, too, that something is held.
      .replace(/^sudo -u ovadex ovadex held --user \w+/m, '$& || test $? = 75');
    typed = await typeScript({ script, folder, env, withinMs: WITHIN_MS, waitAfter });
  };
  /** Takes the next blocks: up to the one with this text, it included. */
  const upTo = (text: string) => {
    const found = blocks.findIndex((each) => each.includes(text));
    if (found < 0) throw new Error(`no block has "${text}"`);
    return blocks.splice(0, found + 1);
  };
  const printed = (word: string) => typed.find(({ line }) => line.includes(word))?.output ?? '';

  it('makes a configuration and looks at it', { timeout: WITHIN_MS }, async () => {
    await type(...upTo('ovadex init'));
    expect(printed('config check')).toContain('valid');
    expect(printed('config show')).toContain('***');
    // What the document says elsewhere: a service, and files of their own for users.
    const file = join(folder, 'etc/ovadex.yaml');
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}server: { listen: "127.0.0.1:${port}" }\ninclude: spaces.d/*.yaml\n`,
    );
    await type('systemctl start ovadex', ...upTo('config schema'));
    expect(JSON.parse(readFileSync(join(folder, 'ovadex.schema.json'), 'utf8'))).toHaveProperty('properties');
  });

  it('looks after it every day', { timeout: WITHIN_MS }, async () => {
    await type('ovadex sync --all', ...upTo('ovadex why'));
    expect(printed('ovadex status')).toMatch(/^ovadex/);
    expect(printed('ovadex why')).toContain('listed');
  });

  it('decides on a removal that is held', { timeout: WITHIN_MS }, async () => {
    dav.tree.remove('jm/images/ubuntu.ova');
    dav.tree.remove('jm/images');
    await type('ovadex sync --user jm || test $? = 75', ...upTo('ovadex held'));
    expect(printed('ovadex held')).toContain('images/ubuntu.ova');
    expect(printed('ovadex accept')).not.toBe('');
    dav.tree.put('jm/images/debian.ova', { size: 10 });
  });

  it('tries a webhook', { timeout: WITHIN_MS }, async () => {
    const secret = 'a secret that nobody guesses';
    const receiver = await startReceiver(Buffer.from(secret));
    const file = join(folder, 'etc/ovadex.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      `${before}webhooks: [{ name: deployer, url: "${receiver.url}", secret: "${secret}", events: [space.held] }]\n`,
    );
    try {
      await type(...upTo('ovadex webhook'));
      expect(receiver.messages).toMatchObject([{ type: 'webhook.test', isSigned: true }]);
      expect(printed('webhook list')).toContain('deployer');
      expect(printed('webhook retry')).toContain('waits for nothing');
    } finally {
      writeFileSync(file, before);
      await receiver.close();
    }
  });

  it('takes a user in and lets one go', { timeout: WITHIN_MS }, async () => {
    await type(...upTo('ovadex token create --user kim'));
    expect(printed('token create')).toMatch(/ovx_/);
    await type(...upTo('ovadex token revoke'));
    expect(readFileSync(join(folder, 'tokens.csv'), 'utf8')).toMatch(/^user,token,.*\r?\njm,ovx_.*\r?\nkim,ovx_/);
    expect(printed('token list')).toContain("kim's laptop");
    await type(...upTo('ovadex forget --user kim'));
    expect(printed('--user kim')).toMatch(/kim/);
  });

  it('backs up, tries the backup, goes back to it, and looks at an upgrade', { timeout: WITHIN_MS }, async () => {
    await type('ovadex sync --user jm', ...blocks.splice(0));
    expect(printed('db check "$NEWEST"')).toMatch(/in order|no problems|ok/i);
    expect(printed('ovadex images --user jm --config')).toContain('images/debian.ova');
    expect(printed('systemctl start')).toBe('');
    expect(printed('db migrate --dry-run')).not.toBe('');
  });
});

/** The daemon notices "within seconds" that a user's file is gone. */
const waitAfter = (line: string) =>
  line.startsWith('sudo rm ') && line.includes('spaces.d')
    ? 'until ovadex forget --unconfigured --list --json | grep -q kim; do sleep 0.2; done'
    : null;

/** Programs that need a whole machine, each as far as the blocks use it, and ovadex itself. */
function standIns(folder: string, resident: Resident | null): Readonly<Record<string, string>> {
  const program = `"${process.execPath}" "${join(PROJECT, 'dist/main.js')}"`;
  const [pid, log] = [join(folder, 'run/pid'), join(folder, 'run/log')];
  return {
    ovadex: resident?.script ?? `exec ${program} "$@"`,
    sudo: '[ "$1" != -u ] || shift 2\nexec "$@"',
    install: 'for last; do :; done\nmkdir -p "$last" && chmod 700 "$last"',
    systemctl: [
      '[ "$2" = ovadex ] || exit 1',
      'case $1 in',
      `start) ${program} serve >${log} 2>&1 & echo $! >${pid}; until ovadex healthcheck >/dev/null 2>&1; do sleep 0.1; done ;;`,
      `stop) kill "$(cat ${pid})"; while kill -0 "$(cat ${pid})" 2>/dev/null; do sleep 0.1; done; rm ${pid} ;;`,
      '*) exit 1 ;;',
      'esac',
    ].join('\n'),
  };
}
