import { readFileSync } from 'node:fs';

/** The version in package.json, which is beside the folder of built files. */
export const VERSION: string = versionOf(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
);

/** Checked by hand, since the crawler thread has no other use for a validator of 15 MB. */
function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new TypeError('package.json has no version');
}
