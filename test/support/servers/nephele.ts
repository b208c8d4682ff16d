import { fileURLToPath } from 'node:url';
import { serverAccount } from './server-account.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

const MAIN = fileURLToPath(new URL('nephele-main.ts', import.meta.url));

/** What nephele lacks to run here, or null. */
export const nepheleMissing: string | null = ['nephele', '@nephele/adapter-file-system'].every(isInstalled)
  ? null
  : 'nephele (npm: nephele, @nephele/adapter-file-system)';

/** Serves a directory by nephele, a WebDAV server written for Node, at the root of the answered URL. */
export async function startNephele({ directory }: { readonly directory: string }): Promise<ServerProcess> {
  if (nepheleMissing !== null) throw new Error(`This machine lacks ${nepheleMissing}`);
  return startServerProcess(({ port }) => {
    const account = serverAccount === null ? [] : [`${serverAccount.uid}`, `${serverAccount.gid}`];
    return { program: process.execPath, args: ['--import', 'tsx', MAIN, directory, `${port}`, ...account] };
  });
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    return false;
  }
}
