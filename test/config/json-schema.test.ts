import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../src/cli/program.js';
import { configJsonSchema, configKeyPaths } from '../../src/config/json-schema.js';
import { captureIo } from '../cli/captured-io.js';
import { problemsIn } from './config-folder.js';

const read = (path: string) => readFile(new URL(`../../config/${path}`, import.meta.url), 'utf8');
const example = await read('ovadex.example.yaml');
const schema = configJsonSchema(example);
const isValid = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
const DATA = 'data: { directory: index }\n';

describe('the JSON Schema of the configuration', () => {
  test.each(['ovadex.example.yaml', 'ovadex.starter.yaml'])('takes %s', async (file) => {
    expect([isValid(parse(await read(file))), isValid.errors]).toEqual([true, null]);
  });

  test.each([
    DATA,
    `${DATA}server:\n`, // a key with nothing behind it
    `${DATA}spaces:\n`,
    `${DATA}crawl: { poll: off, timeouts: { total: 1.5h } }`,
    `${DATA}server: { listen: "unix:/run/a.sock", socketMode: "0660" }`,
    `${DATA}roles: [crawler, api]`,
    'data: { directory: index, url: "postgres://ovadex@db/ovadex", tls: off, pool: 20 }\nroles: [api]',
    `${DATA}storage: { url: "https://h/{user}/", proxy: direct, headers: { Referer: x } }`,
    `${DATA}storage: { url: "https://h/{user}/", proxy: "http://p:1" }`,
  ])('takes what the check takes: %s', async (yaml) => {
    await expect(problemsIn(yaml)).rejects.toThrow('the configuration is valid');
    expect([isValid(parse(yaml)), isValid.errors]).toEqual([true, null]);
  });

  test.each([
    '',
    'data:',
    'data: {}',
    'data: { directory: "" }',
    'server: { listen: x }',
    `${DATA}sever: {}`,
    `${DATA}server: { listne: "h:1" }`,
    `${DATA}server: { listen: 8080 }`,
    `${DATA}server: { listen: localhost }`,
    `${DATA}server: { publicUrl: "ftp://h/" }`,
    `${DATA}server: { trustedProxies: 10.0.0.1 }`,
    `${DATA}server: { socketMode: 0660 }`,
    `${DATA}roles: [web]`,
    `${DATA}roles: []`,
    'data: { directory: index, url: "mysql://ovadex@db/ovadex" }',
    'data: { directory: index, url: "postgres://ovadex@db/ovadex", pool: 1 }',
    `${DATA}api: { catalogue: all }`,
    `${DATA}api: { rateLimit: { requests: 0, window: 1m } }`,
    `${DATA}api: { rateLimit: { requests: 1 } }`,
    `${DATA}auth: { issuers: [{ issuer: "https://h" }] }`,
    `${DATA}crawl: { spacesAtOnce: 65 }`,
    `${DATA}crawl: { maxDepth: 1.5 }`,
    `${DATA}crawl: { excludeDefaults: yes please }`,
    `${DATA}crawl: { timeouts: { connect: 10 } }`,
    `${DATA}crawl: { timeouts: { connect: 10 s } }`,
    `${DATA}crawl: { exclude: "*.bak" }`,
    `${DATA}maintenance: { tombstones: forever }`,
    `${DATA}log: { level: loud }`,
    `${DATA}spaces: [{ user: 7, url: "http://h/" }]`,
    `${DATA}spaces: [{ user: a, url: "http://h/", pubic: true }]`,
    `${DATA}spaces: [{ user: a, url: "http://h/", auth: { type: Basic } }]`,
    `${DATA}spaces: [{ user: a, url: "http://h/", auth: { type: basic, user: a } }]`,
    `${DATA}spaces: [{ user: a, url: "http://h/", auth: { type: none, username: a } }]`,
    `${DATA}storage: { headers: { Referer: 7 } }`,
    `${DATA}storage: { proxy: { username: a } }`,
    `${DATA}storage: { tls: { cert: x } }`,
  ])('refuses what the check refuses: %s', async (yaml) => {
    expect(await problemsIn(yaml)).not.toEqual([]);
    expect(isValid(parse(yaml))).toBe(false);
  });

  test('describes keys by the comments of the example', () => {
    const descriptions = JSON.stringify(schema);
    for (const each of ['symlinks may form a loop', '/readyz are served without a token'])
      expect(descriptions).toContain(each);
    expect(configKeyPaths()).toContain('storage.proxy.passwordFile');
  });

  test('is printed by the program, and named where configurations begin', async () => {
    const io = captureIo();
    expect(await run(['config', 'schema'], io)).toBe(0);
    expect(JSON.parse(io.out())).toEqual(schema);
    expect((await read('ovadex.starter.yaml')).split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=\//);
  });
});
