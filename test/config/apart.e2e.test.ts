import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/config/load.js';
import type { OvadexError } from '../../src/domain/model/errors.js';
import { configFolder } from './config-folder.js';

// A thread runs what was built.
const BUILT = new URL('../../dist/apart.js', import.meta.url).href;
const { checkConfigApart } = (await import(BUILT)) as typeof import('../../src/config/apart.js');

async function configFile(yaml: string): Promise<string> {
  return join(await configFolder({ 'ovadex.yaml': yaml, secret: 'of-the-file' }), 'ovadex.yaml');
}

describe('a configuration that is checked apart', () => {
  it('is the same as one that is checked here', async () => {
    const file = await configFile(`
data: { directory: index }
server: { trustedProxies: [unix, 10.0.0.0/8] }
storage: { url: "http://h/{user}/", auth: { type: basic, username: u, passwordFile: "\${CREDENTIALS_DIRECTORY}/secret" } }
spaces: [{ user: jm }, { user: eva, public: true }, { discover: "http://h/" }]
`);
    const options = { credentialsDirectory: join(file, '..') };
    const checked = await checkConfigApart(file, options);
    expect(checked).toEqual(await checkConfig(file, options));
    expect(checked.files).toEqual([join(file, '../secret')]);
  });

  it('is refused in the same words', async () => {
    const file = await configFile('spaces: [{ user: jm }]\nlogg: {}');
    const refusalOf = (check: typeof checkConfig) => check(file).catch((error: unknown) => error as OvadexError);
    const refusal = (await refusalOf(checkConfigApart)) as OvadexError;
    expect(refusal).toMatchObject({ code: 'config', message: ((await refusalOf(checkConfig)) as OvadexError).message });
    expect(refusal.message).toContain('logg: unknown key');
  });
});
