import { pathFromBytes } from '../../../src/domain/model/path.js';
import { awkwardNames, normalisationTwins } from '../../support/awkward-names.js';
import type { Chance } from '../chance.js';

/** The names that a history uses again and again, so that what vanishes also returns. */
export interface NamePool {
  /** Of a file, two thirds of them images. */
  file(): string;
  /** Of a collection; now and then it is called like an image. */
  collection(): string;
}

const AWKWARD = [
  ...awkwardNames([]).map(({ bytes }) => pathFromBytes(bytes) as string),
  // Where an href leaves a `?` as it is, what stands behind it is no query.
  '?first',
  'a.ova?v2',
];
/** Not by the code that is under test, which must not make one name of two. */
const TWINS = normalisationTwins.map((twins) => twins.map((bytes) => bytes.toString('utf8')));
const PLAIN = ['a', 'b', 'c', 'd', 'images', 'old', 'x', 'y'];
const IMAGE_ENDINGS = ['.ova', '.ova', '.ovf', '.OVA'];
const OTHER_ENDINGS = ['.vmdk', '.txt', '.ova.part', ''];

/** `size` is the number of stems: the fewer, the more often a name is met again. */
export function drawNamePool(chance: Chance, size: number): NamePool {
  const awkward = chance.happens(0.6) ? chance.some(AWKWARD, size) : [];
  const twins = chance.happens(0.3) ? chance.pick(TWINS) : [];
  const stems = awkward.length > 0 ? [...awkward, ...twins] : [...chance.some(PLAIN, size), ...twins];
  return {
    file() {
      const stem = chance.pick(stems);
      if (chance.happens(0.04)) return `._${stem}.ova`;
      return `${stem}${chance.pick(chance.happens(0.7) ? IMAGE_ENDINGS : OTHER_ENDINGS)}`;
    },
    collection: () => `${chance.pick(stems)}${chance.happens(0.05) ? '.ova' : ''}`,
  };
}
