import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ODD_FOLDER, REFUSED_NAME } from '../../src/demo/odd-images.js';
import { WELL_KNOWN_IMAGE } from '../../src/demo/spaces.js';
import { isImageName } from '../../src/domain/model/image.js';
import { checkedFetch } from '../support/checked-fetch.js';
import { describeInstalled } from '../support/process/installed.js';
import { mountsMissing, startMountNamespace } from '../support/process/mount-namespace.js';
import { READY_MS, type RunningDemo, startDemo } from '../support/process/running-demo.js';
import { isThorough } from '../support/thorough.js';

/** A printed command's words, as a shell sees them: plain, in single quotes, or in double quotes with these variables. */
function words(command: string, variables: Readonly<Record<string, string>> = {}): string[] {
  const filled = (text: string) => text.replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? '');
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? (double === undefined ? plain : filled(double)) ?? '',
  );
}

/** The variables that these printed lines export. */
function exported(lines: readonly string[]): Readonly<Record<string, string>> {
  const found = lines.map((line) => /^export (\w+)='([^']*)'$/.exec(line)).filter((match) => match !== null);
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
}

/** Does what the printed curl line does. */
function runCurl(line: string, variables: Readonly<Record<string, string>>): Promise<Response> {
  const [command = ''] = line.split(' | ');
  const [program, ...args] = words(command, variables);
  expect(program).toBe('curl');
  const headers = new Headers();
  let [method, body, url] = ['GET', undefined as string | undefined, ''];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '-s') continue;
    if (word.startsWith('http')) url = word;
    else {
      const value = args[++at] ?? '';
      if (word === '-X') method = value;
      else if (word === '-d') body = value;
      else if (word === '-w') continue;
      else if (word === '-H') headers.append(value.slice(0, value.indexOf(':')), value.slice(value.indexOf(':') + 1));
      else throw new Error(`unexpected option ${word} in ${line}`);
    }
  }
  return checkedFetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
}

interface ImageList {
  readonly data: readonly { readonly name: string; readonly path: string; readonly state: string }[];
  readonly meta: { readonly user: string; readonly index?: { readonly state: string } };
}

async function imagesOnDisk(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && isImageName(entry.name))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

describe('ovadex demo', () => {
  let demo: RunningDemo;
  /** The printed commands in order; `drop` is the one that copies a file. */
  let curls: string[];
  let drop: { source: string; target: string; listing: string };

  let variables: Readonly<Record<string, string>>;

  const curl = (part: string) => curls.find((line) => line.includes(part)) ?? '';
  const run = (line: string) => runCurl(line, variables);
  const list = async (line: string): Promise<ImageList> => {
    const answer = await run(line);
    expect(answer.status).toBe(200);
    return (await answer.json()) as ImageList;
  };

  beforeAll(async () => {
    demo = await startDemo();
    await demo.until('Ctrl-C');
    const lines = demo.output.stdout.split('\n');
    curls = lines.filter((line) => line.startsWith('curl '));
    variables = exported(lines);
    const [copy = '', , listing = ''] = (lines.find((line) => line.startsWith('cp ')) ?? '').split(' && ');
    const [, source = '', target = ''] = words(copy);
    drop = { source, target, listing };
  }, READY_MS);

  afterAll(async () => {
    if (demo.child.exitCode === null) await demo.stop();
    await rm(demo.temporary, { recursive: true, force: true });
  });

  // The first of all: an upload that doesn't go on is settled after a minute.
  it('shows images in each of the five states', async () => {
    const states = async () => {
      const { data } = await list(curl("/v2/image'"));
      const odd = data.filter(({ path }) => path.startsWith(`${ODD_FOLDER}/`) || path === WELL_KNOWN_IMAGE);
      return Object.fromEntries(odd.map(({ path, state }) => [basename(path), state]));
    };
    await expect.poll(states, { timeout: READY_MS, interval: 100 }).toEqual({
      [basename(WELL_KNOWN_IMAGE)]: 'ok',
      'cut short.ova': 'incomplete',
      'left-behind.ovf': 'incomplete',
      'a page, not an archive.ova': 'broken',
      'still uploading.ova': 'uploading',
      [REFUSED_NAME]: 'unknown',
    });
  });

  it('lists exactly the images that lie in the folder, each at its path', async () => {
    const { data, meta } = await list(curl("/v2/image'"));
    const onDisk = await imagesOnDisk(dirname(dirname(drop.source)));
    expect(new Set(data.map(({ path }) => path))).toEqual(new Set(onDisk));
    expect(data).toHaveLength(onDisk.length);
    expect(meta.user).toBe('jm');
  });

  it('filters by name', async () => {
    const all = await list(curl("/v2/image'"));
    const { data } = await list(curl('?name=ubuntu'));
    const expected = all.data.filter(({ name }) => name.toLowerCase().includes('ubuntu'));
    expect(expected.length).toBeGreaterThan(2);
    expect(data).toEqual(expected);
  });

  it('sorts by name, the last first', async () => {
    const keys = (await list(curl('?sort=name,desc'))).data.map(({ name }) => name.normalize('NFC').toLowerCase());
    expect(keys.length).toBeGreaterThan(36);
    for (const [at, key] of keys.entries()) expect(key <= (keys[at - 1] ?? key)).toBe(true);
  });

  it('describes the list without a token, and lists nothing without one', async () => {
    const line = curl('-X OPTIONS');
    expect(line).not.toContain('Bearer');
    const described = await run(line);
    expect(described.status).toBe(200);
    expect(described.headers.get('allow')).toContain('GET');
    expect((await run(line.replace('-X OPTIONS ', ''))).status).toBe(401);
  });

  it('lists a file that is dropped into the folder, before anybody asks for a sync', async () => {
    await copyFile(drop.source, drop.target);
    const paths = async () => (await list(drop.listing)).data.map(({ path }) => path);
    // Two seconds are promised; a machine that builds and tests at once gets five.
    await expect.poll(paths, { timeout: 5_000, interval: 100 }).toEqual([`images/${basename(drop.target)}`]);
  });

  it('takes an administrator\u2019s request for a reindex, and nobody else\u2019s', async () => {
    const line = curl('/v2/admin/sync');
    const answer = await run(line);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toContain('/v2/request/image_sync/');
    const refused = await run(line.replace('$ADMIN', '$T'));
    expect(refused.status).toBe(403);
  });

  it('tells how the first crawl went', async () => {
    const answer = await run(curl('/v2/request/image_sync/'));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ data: { status: 'PROCESSED', user: { username: 'jm' } } });
  });

  it('says what it does before anything is there, and where the documentation is', async () => {
    const { stdout } = demo.output;
    expect(stdout).toMatch(/^Making a WebDAV storage with two spaces of sample images/);
    const docs = /documentation +(\S+)/.exec(stdout)?.[1] ?? '';
    const answer = await checkedFetch(docs, { headers: { Accept: 'text/html' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    await answer.text();
  });

  it('shows each token once, and no line is longer than two of a terminal', () => {
    const { T = '', ADMIN = '' } = variables;
    expect(T.length).toBeGreaterThan(20);
    expect(demo.output.stdout.split(T)).toHaveLength(2);
    expect(demo.output.stdout.split(ADMIN)).toHaveLength(2);
    for (const line of curls) expect(line.length).toBeLessThanOrEqual(160);
  });

  it('names commands that work as they are printed, with its own configuration', () => {
    const printed = demo.output.stdout.split('\n').filter((line) => line.startsWith('node '));
    expect(printed.map((line) => line.split(' ')[2])).toEqual(['status', 'spaces', 'images', 'why', 'doctor']);
    for (const line of printed.slice(0, 4)) {
      const told = spawnSync('sh', ['-c', line], { env: { ...process.env, ...variables }, encoding: 'utf8' });
      expect([line, told.status, told.stderr]).toEqual([line, 0, expect.not.stringMatching(/ovadex:|warning|rror/)]);
      expect(told.stdout).toMatch(/jm|ubuntu|not listed|ready/i);
    }
  });

  it('has nothing to warn of, and takes down what its administrator did, and who was refused', () => {
    const lines = demo.output.stderr.split('\n').filter((line) => line !== '');
    const acts = lines.map((line) => JSON.parse(line) as { audit?: boolean; act?: string; outcome?: string });
    expect(acts.filter(({ outcome }) => outcome === 'done').map(({ act }) => act)).toEqual(['sync']);
    expect(acts.every(({ audit }) => audit === true)).toBe(true);
  });

  it('ends at an interrupt with 0 and leaves no file behind', async () => {
    expect(await readdir(demo.temporary)).toHaveLength(1);
    expect(await demo.stop()).toBe(0);
    expect(await readdir(demo.temporary)).toEqual([]);
    expect(demo.output.stdout).toContain('Stopping.');
  });
});

describe('ovadex demo, interrupted during its first crawl', () => {
  it.runIf(isThorough)(
    'ends with 0 and leaves no file behind',
    async () => {
      const demo = await startDemo();
      await demo.until('The first crawl');
      expect(await demo.stop()).toBe(0);
      await rmdir(demo.temporary); // fails unless it is empty
    },
    READY_MS,
  );
});

/** Where Debian has PostgreSQL. */
const SERVERS = '/usr/lib/postgresql';

describeInstalled('ovadex demo --cluster without PostgreSQL', [mountsMissing], () => {
  it('says what to install, and leaves no file behind', async () => {
    const machine = await startMountNamespace();
    try {
      // An empty disk in its place, where there is one.
      if (existsSync(SERVERS)) machine.createDisk().mount(SERVERS);
      const demo = await startDemo(['--cluster'], ({ program, args }) =>
        machine.inside({ program: 'env', args: ['PATH=/nowhere', program, ...args] }),
      );
      expect(await demo.ended()).toBe(2);
      expect(demo.output.stdout).toBe('');
      expect(demo.output.stderr).toMatch(/^ovadex: .*needs PostgreSQL 15 or later.*apt install postgresql/);
      await rmdir(demo.temporary);
    } finally {
      await machine.stop();
    }
  });
});
