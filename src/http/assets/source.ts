import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that browsers are given. */
export interface AssetSource {
  /** Its name in addresses, such as `docs.css`; its ending says its type. */
  readonly name: string;
  /** A file of `src/browser`, or one of an npm package. */
  readonly from: string | PackageFile;
}

/** A file of a package that is installed to build the program, not to run it: `config/browser` lays it into `dist`. */
export interface PackageFile {
  readonly package: string;
  readonly file: string;
}

/** Our own files for browsers; in the sources and in what is built of them they lie alike. */
const BROWSER = fileURLToPath(new URL('../../browser', import.meta.url));
/** Tests run the sources as they are, where nothing has been laid beside them. */
const IS_BUILT = import.meta.url.endsWith('.js');

/** Returns where the file of an asset lies. */
export function placeOf({ from }: AssetSource): string {
  if (typeof from === 'string') return join(BROWSER, from);
  return IS_BUILT ? join(BROWSER, from.package, from.file) : join(folderOf(from.package), from.file);
}

/** Returns the folder of a package in node_modules. */
export function folderOf(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}
