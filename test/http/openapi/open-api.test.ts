import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../../../src/http/openapi/open-api.js';
import { readMigrations } from '../../../src/platform/migrations.js';
import { IDLE_LINKS } from '../../support/idle-links.js';
import { isThorough, someOf } from '../../support/thorough.js';
import { createApiScene } from '../api-scene.js';

const documentOf = async (publicUsers: (() => readonly string[]) | null = null): Promise<OpenApiDocument> =>
  (await (
    await createApiScene({ publicUsers, links: IDLE_LINKS }).app.request('/openapi.json')
  ).json()) as OpenApiDocument;

/** All rules that the linter recommends, its warnings as errors, but for these. */
const RULES: Parameters<typeof createConfig>[0] = {
  extends: ['recommended-strict'],
  rules: {
    // The program is private: there is no licence that could be named.
    'info-license': 'off',
    'info-license-strict': 'off',
  },
};

const rules = createConfig(RULES);

async function lint(document: unknown) {
  const faults = await lintFromString({ source: JSON.stringify(document), config: await rules });
  return faults.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
}

const OPERATIONS = Object.entries((await documentOf()).paths ?? {}).flatMap(([path, item]) =>
  (['get', 'head', 'options', 'post', 'patch', 'delete'] as const).flatMap((method) => {
    const operation = item[method];
    return operation === undefined ? [] : [{ method, path, operation }];
  }),
);
const called = (path: string) => path.replace('{id}', '1').replace('{user}', 'jm');

describe('the OpenAPI document', () => {
  it.each(
    someOf<[string, (() => readonly string[]) | null]>(
      [
        ['personal', null],
        ['public', () => ['lab']],
      ],
      1,
    ),
  )('has nothing that its linter finds fault with, with a %s catalogue', async (_, publicUsers) => {
    expect(await lint(await documentOf(publicUsers))).toEqual([]);
  });

  it.runIf(isThorough)(
    'would be found fault with where an example is not what the schema says, or a name is taken',
    async () => {
      const text = JSON.stringify(await documentOf());
      const spoiled = text.replace('"id":7', '"id":"seven"').replaceAll('"showImage"', '"listImages"');
      const faults = await lint(JSON.parse(spoiled));
      expect(faults).toHaveLength(2);
      expect(faults).toContainEqual(expect.stringContaining('no-invalid-media-type-examples'));
      expect(faults).toContainEqual(expect.stringContaining('operation-operationId-unique'));
    },
  );

  it('shows the schema of the index as it is', async () => {
    const shown = JSON.stringify(await documentOf()).matchAll(/"schema":(\d+)/g);
    const { length } = readMigrations(new URL('../../../migrations/', import.meta.url));
    expect(new Set([...shown].map(([, schema]) => Number(schema)))).toEqual(new Set([length]));
  });

  it('gives what JSON answers no other media type: of several, generated clients make a type that fits none', async () => {
    for (const { operation } of OPERATIONS) {
      for (const response of Object.values(operation.responses ?? {})) {
        const { content = {} } = response as { content?: object };
        // What /readyz says in lines is for people.
        const types = Object.keys(content).filter((type) => type !== 'text/plain');
        expect(types.length).toBeLessThan(2);
      }
    }
    const listed = OPERATIONS.find(({ operation }) => operation.operationId === 'listImages');
    expect(Object.keys(listed?.operation.responses?.['200']['x-accepted'])).toEqual([
      'application/x-ndjson',
      'text/csv',
    ]);
  });

  it.each(OPERATIONS)('says who may call $method $path', async ({ method, path, operation }) => {
    const scene = createApiScene({ links: IDLE_LINKS });
    const init = { method: method.toUpperCase() };
    const [first] = operation.security ?? [];
    const anybody = await scene.app.request(called(path), init);
    if (first === undefined) return expect(anybody.status).toBe(path === '/' && method !== 'options' ? 302 : 200);
    expect(anybody.status).toBe(401);
    expect(anybody.headers.get('www-authenticate')).toMatch('password' in first ? /^Basic / : /^Bearer /);
    if (!('token' in first)) return;
    const asUser = await scene.ask(await scene.tokenFor('jm'), called(path), init);
    const needsScope = (first['token']?.length ?? 0) > 0;
    expect(asUser.status === 403).toBe(needsScope);
  });

  it('has every answer of a resource with the limits of its token, and none where no token is needed', async () => {
    for (const { operation } of OPERATIONS) {
      const isByToken = (operation.security ?? []).some((each) => 'token' in each);
      const { 401: unauthorized, 429: limited } = operation.responses as Record<number, object | undefined>;
      const isByPassword = (operation.security ?? []).some((each) => 'password' in each);
      expect([unauthorized, limited].every((each) => each !== undefined)).toBe(isByToken || isByPassword);
    }
  });
});
