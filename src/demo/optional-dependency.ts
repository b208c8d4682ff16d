import { OvadexError } from '../domain/model/errors.js';

/**
 * Loads a package that only the demo needs. Throws OvadexError `usage` that
 * names it when it was left out of the installation (`--omit=optional`, or a package of the system) or did not install.
 */
export async function optionalDependency<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isModuleMissing(error)) throw error;
    throw new OvadexError(
      'usage',
      `the demo needs the optional package "${name}", which this installation goes without; npm brings it unless told to --omit=optional`,
      { cause: error },
    );
  }
}

function isModuleMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
