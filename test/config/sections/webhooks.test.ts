import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../../src/config/load.js';
import { shownConfig } from '../../../src/config/shown.js';
import { configFolder, problemsIn } from '../config-folder.js';

const SECRET = 'a secret of twenty-four bytes';
const hook = (its: object = {}) => ({
  name: 'deployer',
  url: 'https://deploy.example.org/hook',
  secret: SECRET,
  ...its,
});
const yamlOf = (...webhooks: object[]) => JSON.stringify({ data: { directory: 'x' }, webhooks });

describe('webhooks in a configuration', () => {
  it('have their defaults filled in, and secrets of both forms', async () => {
    const key = Buffer.alloc(32, 7);
    const folder = await configFolder({
      'hook.secret': `whsec_${key.toString('base64')}\n`,
      'ovadex.yaml': yamlOf(
        hook(),
        hook({ name: 'b', secret: undefined, secretFile: 'hook.secret', users: ['jm'], events: ['space.held'] }),
      ),
    });
    const { config } = await checkConfig(join(folder, 'ovadex.yaml'));
    expect(config.webhooks.map(({ secret, ...rest }) => [Buffer.from(secret).toString('latin1'), rest])).toEqual([
      [
        SECRET,
        {
          name: 'deployer',
          url: 'https://deploy.example.org/hook',
          users: null,
          events: ['image.created', 'image.changed', 'image.deleted', 'space.failing', 'space.held', 'space.recovered'],
          allowPrivate: false,
        },
      ],
      [key.toString('latin1'), expect.objectContaining({ name: 'b', users: ['jm'], events: ['space.held'] })],
    ]);
  });

  it('are shown without what opens anything', async () => {
    const folder = await configFolder({
      'ovadex.yaml': yamlOf(hook({ url: 'https://chat.example.org/services/T0/abcdef?key=ghijkl' })),
    });
    const { config } = await checkConfig(join(folder, 'ovadex.yaml'));
    const { webhooks } = shownConfig(config);
    expect(webhooks).toEqual([
      expect.objectContaining({ name: 'deployer', url: 'https://chat.example.org/***', secret: '***' }),
    ]);
    expect(JSON.stringify(shownConfig(config))).not.toMatch(/abcdef|ghijkl|twenty-four/);
  });

  it.each([
    ['url', { url: 'http://deploy.example.org/' }],
    ['url', { url: 'https://jm:pass@deploy.example.org/' }],
    ['url', { url: 'ftp://deploy.example.org/' }],
    ['name', { name: 'two words' }],
    ['secret', { secret: 'short' }],
    ['secret', { secret: 'whsec_c2hvcnQ=' }],
    ['secret', { secret: 'whsec_not base64 but long enough for a key' }],
    ['events', { events: ['image.renamed'] }],
    ['events', { events: [] }],
    ['users', { users: [] }],
    ['secretFile', { secretFile: 'hook.secret' }],
    ['secret', { secret: undefined }],
  ])('are refused with a bad %s', async (key, its) => {
    const problems = await problemsIn(yamlOf(hook(its)), { 'hook.secret': `${SECRET}\n` });
    expect(problems.join('\n')).toContain(key);
    expect(problems.join('\n')).not.toContain(SECRET);
  });

  it.each([
    ['a secret', { secret: 'hunter2' }],
    ['a secret that is no text', { secret: 74_656_667 }],
    ['a key', { secret: 'whsec_hunter2' }],
    ['a URL that opens the receiver', { url: 'http://chat.example.org/services/T0/hunter2' }],
    ['a secret in place of its file', { secret: undefined, secretFile: '-----BEGIN hunter2' }],
  ])('are refused without quoting %s', async (_what, its) => {
    const problems = (await problemsIn(yamlOf(hook(its)))).join('\n');
    expect(problems).toContain('webhooks[0].');
    expect(problems).not.toMatch(/hunter2|74656667/);
  });

  it('have one name each', async () => {
    expect((await problemsIn(yamlOf(hook(), hook()))).join('\n')).toContain('must be given once');
  });
});
