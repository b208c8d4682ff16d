import { resolveHref } from '../../domain/description/href.js';
import { OvadexError } from '../../domain/model/errors.js';
import { isDescriptorName } from '../../domain/model/image.js';

/** The largest manifest that is read: of some 10,000 files. */
export const MOST_OF_A_MANIFEST = 1024 * 1024;

export function isManifest(name: string): boolean {
  return /\.mf$/i.test(name);
}

/** Whether a manifest is called as this descriptor is. */
export function isManifestOf(name: string, descriptor: string | null): boolean {
  return descriptor !== null && name.replace(/\.mf$/i, '') === descriptor.replace(/\.[^./]*$/, '');
}

/**
 * Chooses the manifest of an image: the one that is called as its descriptor is, else the only one. Throws OvadexError
 * `not-found` if there is none.
 */
export function chooseManifest<Named extends { readonly name: string }>(
  files: readonly Named[],
  descriptor: string | null,
): Named {
  const manifests = files.filter(({ name }) => isManifest(name));
  const own = manifests.find(({ name }) => isManifestOf(name, descriptor));
  const found = own ?? (manifests.length === 1 ? manifests[0] : undefined);
  if (found !== undefined) return found;
  const none = 'it has no manifest (.mf) to compare with';
  const several = `none of its ${manifests.length} manifests (.mf) is called as its descriptor`;
  throw new OvadexError('not-found', manifests.length === 0 ? none : several);
}

/** Leaves out manifests that are called as another descriptor: what they say is of another image. */
export function withoutManifestsOfOthers<Named extends { readonly name: string }>(
  files: readonly Named[],
  descriptor: string,
): readonly Named[] {
  const others = files.filter(({ name }) => isDescriptorName(name) && name !== descriptor);
  return files.filter(({ name }) => {
    if (!isManifest(name) || isManifestOf(name, descriptor)) return true;
    return !others.some((other) => isManifestOf(name, other.name));
  });
}

/** Throws OvadexError `damaged` if a manifest is larger than any that is one; `sizeBytes` is null if that isn't known. */
export function requireReadable(sizeBytes: number | null): void {
  if (sizeBytes === null || sizeBytes <= MOST_OF_A_MANIFEST) return;
  throw new OvadexError('damaged', `its manifest has ${sizeBytes} bytes; ${MOST_OF_A_MANIFEST} are read at most`);
}

/**
 * Returns how a file may be called that a manifest names: as it says, or percent-decoded, as some exporters mean it;
 * beside the manifest, or, as somebody names it who makes the sums of a folder from outside, from the root.
 */
export function namesMeant(manifest: string, name: string): readonly string[] {
  const folder = manifest.slice(0, manifest.lastIndexOf('/') + 1);
  const target = resolveHref(name);
  const names = [name, ...(target.kind === 'inside' ? [target.path] : [])];
  return [...new Set([...names.map((each) => `${folder}${each}`), ...names])];
}

/** Whether a manifest needn't mention a file: itself, and what signs it. */
export function isBesideTheSums(name: string): boolean {
  return /\.(?:mf|cert)$/i.test(name);
}
