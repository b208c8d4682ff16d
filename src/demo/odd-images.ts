import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeMachine } from './machine.js';
import { makeOva, makePackage } from './ova.js';

/** Where a demo space keeps the images that a deployer could do nothing with. */
export const ODD_FOLDER = 'does not deploy';

/** The name of an image that the demo's storage lists but gives to nobody. */
export const REFUSED_NAME = 'not for reading.ova';

/** An image whose upload goes on while the demo begins: it is dated then. */
const UPLOAD = `${ODD_FOLDER}/still uploading.ova`;

/** Makes images with something wrong: one that ends early, one without its disk, one that is none, one that is refused. */
export async function oddImages(user: string): Promise<readonly (readonly [path: string, content: string | Buffer])[]> {
  const archive = await makeOva(makeMachine('cut short', `${user} cut short`));
  const [descriptor] = makePackage(makeMachine('left-behind', `${user} left behind`));
  return [
    [`${ODD_FOLDER}/cut short.ova`, archive.subarray(0, Math.floor(archive.length * 0.6))],
    [`${ODD_FOLDER}/disk left behind/${descriptor?.name}`, descriptor?.bytes ?? ''],
    [`${ODD_FOLDER}/a page, not an archive.ova`, '<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n'],
    [`${ODD_FOLDER}/${REFUSED_NAME}`, await makeOva(makeMachine('refused', `${user} refused`))],
  ];
}

/** Begins an upload in a space: an archive of which a third is there, as new as can be. */
export async function beginUpload(directory: string, user: string, signal: AbortSignal): Promise<void> {
  const archive = await makeOva(makeMachine('still uploading', `${user} upload`));
  const file = join(directory, UPLOAD);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, archive.subarray(0, Math.floor(archive.length / 3)), { signal });
}
