import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { type Served, startServed } from '../scene/served.js';

const run = promisify(execFile);
const PROGRAMS = fileURLToPath(new URL('generated', import.meta.url));
const TSX = fileURLToPath(new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url));
/** npm brings some hundred packages, which takes half a minute on a busy machine. */
const SET_UP_MS = 240_000;

/** What makes a client of the document, into the folder `made`. */
const GENERATORS = [
  ['openapi-typescript', 'openapi.json', '-o', 'made/schema.d.ts'],
  ['openapi-ts', '-i', 'openapi.json', '-o', 'made/hey-api', '--client', '@hey-api/client-fetch'],
  ['orval', '--input', 'openapi.json', '--output', 'made/orval.ts', '--client', 'axios-functions'],
  ['openapi-zod-client', 'openapi.json', '-o', 'made/zodios.ts'],
] as const;

/** Each is compiled against what was made, and run: see its file. */
const CLIENTS = ['fetch', 'hey-api', 'orval', 'zodios'];

/** More than a page has where none is asked for. */
const IMAGES = 60;
const nameOf = (at: number) => `image-${String(at).padStart(2, '0')}.ova`;

describe('clients that are generated from the OpenAPI document', () => {
  const cleanup = createCleanup();
  let served: Served;
  let folder: string;
  const inFolder = (program: string, ...args: readonly string[]) => run(program, args, { cwd: folder });
  const installed = (program: string, ...args: readonly string[]) =>
    inFolder(join(folder, 'node_modules/.bin', program), ...args);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ovadex-clients-'));
    cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(PROGRAMS, folder, { recursive: true });
    mkdirSync(join(folder, 'made'));
    const installing = inFolder('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
    cleanup.add(() => installing);
    served = await startServed(Array.from({ length: IMAGES }, (_, at) => nameOf(at)));
    cleanup.add(() => served.end());
    writeFileSync(join(folder, 'openapi.json'), await (await fetch(`${served.url}/openapi.json`)).text());
    await installing;
    await Promise.all(GENERATORS.map(([generator, ...args]) => installed(generator, ...args)));
  }, SET_UP_MS);
  afterAll(() => cleanup.run());

  it('compile where an id of a list is an id of an address', async () => {
    const { stdout } = await installed('tsc').catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });

  it.each(CLIENTS)('list, filter, page, show and are told why they are refused: %s', async (client) => {
    const { stdout } = await inFolder(process.execPath, TSX, `${client}.ts`, served.url, served.token);
    expect(JSON.parse(stdout)).toEqual({
      whole: IMAGES,
      named: [nameOf(7)],
      filtered: [nameOf(7)],
      page: [nameOf(IMAGES - 1), nameOf(IMAGES - 2)],
      total: IMAGES,
      hasNext: true,
      isShown: true,
      refused: expect.stringContaining('sort') as string,
    });
  });
});
