import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { OvadexError } from '../../src/domain/model/errors.js';

/** A folder of these files (mode 600) for the time of the test. */
export async function configFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovadex-config-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await writeFile(file, content);
    await chmod(file, 0o600);
  }
  return folder;
}

/** The problems of this configuration, one a line, as `line:column: message`. */
export async function problemsIn(yaml: string | Uint8Array, files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const folder = await configFolder({ ...files, 'ovadex.yaml': yaml });
  const file = join(folder, 'ovadex.yaml');
  const error: unknown = await loadConfig(file).then(
    () => new Error('the configuration is valid'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof OvadexError) || error.code !== 'config') throw error;
  return error.message.replaceAll(`${file}:`, '').replaceAll(`${folder}/`, '').split('\n').slice(1);
}
