import { OvadexError } from '../domain/model/errors.js';

/**
 * Loads a package that only the demo needs. Throws OvadexError `usage`, which names it, if it was omitted from the
 * installation (`--omit=optional`, or a system package) or failed to install.
 */
export async function optionalDependency<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isModuleMissing(error)) throw error;
    throw new OvadexError(
      'usage',
      `the demo needs the optional package "${name}", which is not installed; npm installs it unless run with --omit=optional`,
      { cause: error },
    );
  }
}

function isModuleMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
