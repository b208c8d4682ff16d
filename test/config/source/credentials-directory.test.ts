import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkConfig } from '../../../src/config/load.js';
import { expandCredentialsDirectory } from '../../../src/config/source/credentials-directory.js';
import { configFolder, problemsIn } from '../config-folder.js';

const yaml = `
data: { directory: index }
spaces:
  - { user: jm, url: "http://127.0.0.1/", auth: { type: basic, username: u, passwordFile: "\${CREDENTIALS_DIRECTORY}/dav" } }
`;

test('a secret comes from the directory of the service manager\u2019s credentials', async () => {
  const folder = await configFolder({ 'ovadex.yaml': yaml, dav: 'secret' });
  const { config, files } = await checkConfig(join(folder, 'ovadex.yaml'), { credentialsDirectory: folder });
  expect(config.spaces[0]?.auth).toEqual({ type: 'basic', username: 'u', password: 'secret' });
  expect(files).toEqual([join(folder, 'dav')]);
});

test('a command beside the service looks where the service has it, and says so', async () => {
  expect(await problemsIn(yaml)).toEqual([
    expect.stringMatching(/passwordFile: .*no such file: \/run\/credentials\/ovadex.service\/dav /),
  ]);
});

test('it stands at the beginning of a path only, and for nothing else', () => {
  const placeholder = `\${${'CREDENTIALS_DIRECTORY'}}`;
  const expand = (path: string) => expandCredentialsDirectory(path, '/run/$&');
  expect(expand(`${placeholder}/a`)).toBe('/run/$&/a');
  expect(expand(`/x/${placeholder}/a`)).toBe(`/x/${placeholder}/a`);
  expect(expand(`${placeholder}x/a`)).toBe(`${placeholder}x/a`);
});
