import type { Config } from './schema.js';
import { createUserFolders } from './users/user-folders.js';

interface Checked {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/**
 * Adds the users who have a file in a folder of credentials to the configuration's spaces, as of now, and what needs
 * attention there to its warnings. A daemon doesn't need this, since it watches the folders.
 */
export async function withUsers<Given extends Checked>(checked: Given): Promise<Given> {
  const { config } = checked;
  if (config.userFolders.length === 0) return checked;
  const warnings = [...checked.warnings];
  const spaces = await usersOf(config, (line) => warnings.push(line));
  return { ...checked, config: { ...config, spaces }, warnings };
}

async function usersOf({ spaces, userFolders }: Config, tell: (line: string) => void): Promise<Config['spaces']> {
  const named = new Set(spaces.map(({ user }) => user));
  const folders = createUserFolders({ folders: userFolders, named, tell });
  await folders.read();
  return [...spaces, ...folders.spaces()];
}
