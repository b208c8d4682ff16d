import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkConfig } from '../../src/config/load.js';
import { watchConfig } from '../../src/config/watch.js';
import { configFolder } from './config-folder.js';

/** On a busy machine a change is seen within seconds. */
const PATIENTLY = { timeout: 20_000 };

const yaml = (passwordFile: string) => `
data: { directory: index }
spaces:
  - { user: jm, url: "http://h/", auth: { type: basic, username: u, passwordFile: ${passwordFile} } }
`;

async function watch(secrets: Readonly<Record<string, string>>) {
  const folder = await configFolder({ ...secrets, 'ovadex.yaml': yaml('secret') });
  const file = join(folder, 'ovadex.yaml');
  const { files } = await checkConfig(file);
  const passwords: unknown[] = [];
  const refusals: string[] = [];
  const watched = watchConfig(
    file,
    {
      onConfig: ({ spaces }) => {
        passwords.push(spaces[0]?.auth.type === 'basic' ? spaces[0].auth.password : null);
      },
      onRefused: (reason) => refusals.push(reason),
    },
    { check: checkConfig, named: files, lookEveryMs: 20 },
  );
  onTestFinished(watched.end);
  const write = async (name: string, content: string) => {
    await writeFile(join(folder, `${name}.new`), content, { mode: 0o600 });
    await rename(join(folder, `${name}.new`), join(folder, name));
  };
  return { folder, passwords, refusals, write, watched };
}

test('follows the configuration, and the secret files that it names at the time', async () => {
  const { passwords, write } = await watch({ secret: 'one', other: 'three' });
  // The first look may be later than the first write: then the change is not seen, and made again.
  await vi.waitFor(async () => {
    await write('secret', 'two');
    await vi.waitFor(() => expect(passwords.at(-1)).toBe('two'), { timeout: 500 });
  }, PATIENTLY);
  await write('ovadex.yaml', yaml('other'));
  await vi.waitFor(() => expect(passwords.at(-1)).toBe('three'), PATIENTLY);
  await vi.waitFor(async () => {
    await write('other', 'four');
    await vi.waitFor(() => expect(passwords.at(-1)).toBe('four'), { timeout: 500 });
  }, PATIENTLY);
});

test('says that a secret file has vanished, and goes on when it is back', async () => {
  const { folder, passwords, refusals, write } = await watch({ secret: 'one' });
  await vi.waitFor(async () => {
    await write('secret', 'two');
    await vi.waitFor(() => expect(passwords.at(-1)).toBe('two'), { timeout: 500 });
  }, PATIENTLY);
  await rm(join(folder, 'secret'));
  await vi.waitFor(() => expect(refusals.at(-1)).toContain('there is no such file'), PATIENTLY);
  await write('secret', 'three');
  await vi.waitFor(() => expect(passwords.at(-1)).toBe('three'), PATIENTLY);
});
