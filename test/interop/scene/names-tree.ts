import { mkdirSync, writeFileSync } from 'node:fs';
import { awkwardNames, type NameTrait, normalisationTwins } from '../../support/awkward-names.js';
import { contentFor, join } from '../../support/awkward-tree.js';

/** Where each of the names has a collection of its own, so that one which breaks an answer hides no other. */
const NAMES = 'names';

/** Writes every awkward name twice: as an image's, and as that of a collection with an image inside. */
export function writeEachName(directory: string, leaveOut: readonly NameTrait[]): void {
  const names = awkwardNames(leaveOut).map(({ bytes }) => [bytes]);
  for (const [n, together] of [...names, ...normalisationTwins].entries()) {
    const place = Buffer.from(`${directory}/${NAMES}/${n}`);
    mkdirSync(place, { recursive: true });
    const put = (path: Buffer) => writeFileSync(path, contentFor(path.subarray(directory.length)));
    for (const name of together) {
      put(join(place, Buffer.concat([name, Buffer.from('.ova')])));
      mkdirSync(join(place, name));
      put(join(join(place, name), Buffer.from('inside.ova')));
    }
  }
}
