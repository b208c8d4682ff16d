import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { keyPlaceOf } from '../../src/app/link-keeping.js';
import { aboutLink } from '../../src/app/linked-spaces.js';
import { openIndex } from '../../src/app/open-index.js';
import { loadLinkKeys } from '../../src/auth/link-keys.js';
import { copyIndex } from '../../src/cli/database/db-copy.js';
import { createProgram, run } from '../../src/cli/program.js';
import { loadConfig } from '../../src/config/load.js';
import { INDEX_TABLES } from '../../src/domain/copy/index-tables.js';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks/webhook.js';
import { captureIo } from '../cli/captured-io.js';
import { startDavServer } from '../support/dav-server/dav-server.js';
import { FULL_OVF } from '../support/ovf/sample.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The names of all commands that take `--json`, such as `token list`. */
export function commandsWithJson(): string[] {
  const named = (command: Command, above: readonly string[]): string[] => {
    const names = [...above, command.name()];
    const own = command.options.some(({ long }) => long === '--json') ? [names.slice(1).join(' ')] : [];
    return [...own, ...command.commands.flatMap((each) => named(each, names))];
  };
  return named(
    createProgram(captureIo(), () => undefined),
    [],
  );
}

/** What each command answers to `--json`, by its name; where it has several forms, each of them. Runs the program in this process. */
export async function jsonOfCommands(): Promise<ReadonlyMap<string, readonly Json[]>> {
  const dav = await startDavServer();
  const folder = await mkdtemp(join(tmpdir(), 'ovadex-words-'));
  const answers = new Map<string, Json[]>();
  try {
    const configured = async (...users: readonly string[]) => {
      const spaces = users.map((user) => ({ user, url: `${dav.url}${user}/` }));
      const data = { directory: join(folder, 'data') };
      const settings = { data, server: { listen: '127.0.0.1:1' }, spaces };
      const file = join(folder, `${users.join('-')}.yaml`);
      await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
      return file;
    };
    const all = await configured('jm', 'kim', 'lee');
    const ask = async (command: string, words: readonly string[] = [], file: string | null = all) => {
      const io = captureIo();
      const config = file === null ? [] : ['--config', file];
      await run([...command.split(' '), ...words, ...config, '--json'], io);
      if (io.out() === '') throw new Error(`ovadex ${command} answers nothing: ${io.err()}`);
      const answer = JSON.parse(io.out()) as Json;
      answers.set(command, [...(answers.get(command) ?? []), answer]);
      return answer;
    };

    dav.tree.put('jm/lab/x.ova', { size: 1 });
    dav.tree.put('kim/gone.ova', { size: 1 });
    await ask('sync', ['--all']); // lee has no folder: that sync fails
    dav.tree.remove('kim/gone.ova'); // an empty root is held
    await ask('sync', ['--user', 'kim']);
    await ask('images', ['--user', 'jm']);
    await ask('spaces');
    await ask('held', ['--user', 'kim']);
    await ask('why', ['lab/x.ova', '--user', 'jm']);
    await ask('requests list');
    await ask('requests show', ['1']);
    await ask('requests cancel', [`${await fileRequest(all, 'jm')}`]);
    await ask('token create', ['--user', 'jm']);
    await ask('token list');
    await link(all);
    await ask('link list');
    await ask('link rotate-key');
    const hooked = await hook(all, join(folder, 'hooked.yaml'));
    await ask('webhook list', [], hooked);
    await ask('webhook test', ['deployer'], hooked);
    await ask('webhook retry', ['deployer'], hooked);
    await ask('status');
    await ask('doctor');
    await ask('config show');
    const backup = join(folder, 'copy.db');
    await ask('db backup', [backup]);
    await ask('db check');
    await ask('db restore', [backup]);
    await ask('db migrate', ['--dry-run']);
    answers.set('db copy', [await answerToCopy(all)]);
    const image = join(folder, 'web.ovf');
    await writeFile(image, FULL_OVF);
    await ask('inspect', [image], null);
    await writeFile(join(folder, 'web.mf'), `SHA256(web.ovf)= ${'0'.repeat(64)}\n`);
    await ask('verify', [image], null);
    await ask('service install', ['--dry-run', '--prefix', folder], null);
    await ask('service uninstall', ['--dry-run', '--prefix', folder], null);
    const less = await configured('jm');
    await run(['sync', '--all', '--config', less], captureIo());
    await ask('forget', ['--list'], less);
    await ask('forget', ['--user', 'lee'], less);
    await ask('forget', ['--unconfigured'], less);
    return answers;
  } finally {
    await dav.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What `db copy` answers; where the rows go is no part of it. */
async function answerToCopy(config: string): Promise<Json> {
  const io = captureIo();
  const rows = Object.fromEntries(INDEX_TABLES.map(({ name }) => [name, 1]));
  const outcome = {
    source: '/ovadex.db',
    target: 'postgres://ovadex@db/ovadex',
    rows,
    isResumed: false,
    isFinished: true,
  };
  const deps = { audit: async () => undefined, copy: async () => outcome };
  await copyIndex({ config, to: 'postgres://ovadex@db/ovadex', json: true }, io, deps);
  return JSON.parse(io.out()) as Json;
}

/** Configures a webhook, which nobody receives, in a file of its own; it is behind with all spaces. */
async function hook(config: string, file: string): Promise<string> {
  const webhook = { name: 'deployer', url: 'http://127.0.0.1:1/', secret: 'a secret of twenty-four bytes' };
  const settings = JSON.parse(await readFile(config, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...settings, webhooks: [webhook] }), { mode: 0o600 });
  const index = await openIndex(await loadConfig(file));
  try {
    await index.webhooks.follow([{ name: webhook.name, users: [], events: WEBHOOK_EVENTS, target: '' }]);
  } finally {
    await index.close();
  }
  return file;
}

/** Lets a user have connected a storage. */
async function link(config: string): Promise<void> {
  const loaded = await loadConfig(config);
  const index = await openIndex(loaded);
  try {
    const about = { user: 'jm', server: 'https://cloud.example.org/', loginName: 'jm' };
    const sealed = (await loadLinkKeys(keyPlaceOf(loaded))).seal('an app password', aboutLink(about));
    await index.links.put({ ...about, ...sealed, via: 'browser', linkedAt: Date.now() });
  } finally {
    await index.close();
  }
}

/** A request that waits, as nothing runs here; its id. */
async function fileRequest(config: string, user: string): Promise<number> {
  const index = await openIndex(await loadConfig(config));
  try {
    const space = await index.catalogue.space(user);
    if (space === null) throw new Error(`there is no space of ${user}`);
    const request = { spaceId: space.id, mode: 'full', trigger: 'request', requestedBy: 'ops', targets: [] } as const;
    return (await index.syncs.request(request)).id;
  } finally {
    await index.close();
  }
}
