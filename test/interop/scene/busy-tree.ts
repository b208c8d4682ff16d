import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { seededRandom } from '../../support/awkward-tree.js';

/** A tree that a loop of its own changes, with files that stay where they are all the time. */
export interface BusyTree {
  /** Images that never move, each beside others that do. */
  readonly staying: readonly string[];
  /** Changes it without a pause; answers the end of that, which answers how many changes there were. */
  start(): () => Promise<number>;
}

const COLLECTIONS = 48;
const STAYING_FILES = 10;
/**
 * What comes and goes: a quarter of the images at most, since the removal of 30 % would be
 * held, and enough that a crawl meets some of each kind.
 */
const LOOSE_FILES = 50;
const NOMADS = 8;
const NOMAD_FILES = ['in.ova', 'beside.ovf', 'below/deep.ova', 'below/er/still.ova'];
const SHORT_LIVED = 10;
/** Some ten seconds' worth: a loop that nobody ends does end. */
const MAX_CHANGES = 200_000;

/** Writes the tree into an empty directory. The same seed changes it in the same order. */
export function writeBusyTree(directory: string, seed: number): BusyTree {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const take = <T>(items: T[]): T => items.splice(Math.floor(random() * items.length), 1)[0] as T;
  const at = (path: string) => join(directory, path);
  let number = 0;
  const fresh = (kind: string) => `${pick(collections)}/${kind} ${++number}`;
  const write = (path: string) => writeFileSync(at(path), path);

  // Each in one of those before it: some are deep, and some lie in a collection that is busy, too.
  const collections: string[] = [];
  for (let n = 0; n < COLLECTIONS; n++) {
    const parent = n < 4 ? 'busy' : pick(collections);
    collections.push(`${parent}/c${n}`);
    mkdirSync(at(`${parent}/c${n}`), { recursive: true });
  }
  const staying = collections.flatMap((collection) =>
    Array.from({ length: STAYING_FILES }, (_, n) => `${collection}/stays ${n}.ova`),
  );
  staying.forEach(write);

  const loose: string[] = [];
  const nomads = Array.from({ length: NOMADS }, () => fresh('nomad'));
  const shortLived: string[] = [];
  for (const nomad of nomads) {
    mkdirSync(at(`${nomad}/below/er`), { recursive: true });
    for (const file of NOMAD_FILES) write(`${nomad}/${file}`);
  }

  const addFile = () => {
    const path = `${fresh('loose')}.ova`;
    write(path);
    loose.push(path);
  };
  const removeFile = () => rmSync(at(take(loose)));
  const renameFile = () => {
    const path = `${fresh('renamed')}.OVA`;
    renameSync(at(take(loose)), at(path));
    loose.push(path);
  };
  const moveNomad = () => {
    const path = fresh('nomad');
    renameSync(at(take(nomads)), at(path));
    nomads.push(path);
  };
  const addCollection = () => {
    const path = fresh('short-lived');
    mkdirSync(at(path));
    write(`${path}/in.ova`);
    shortLived.push(path);
  };
  const removeCollection = () => rmSync(at(take(shortLived)), { recursive: true });

  const changeOnce = () => {
    const chance = random();
    if (chance < 0.15) moveNomad();
    else if (chance < 0.35) (shortLived.length < SHORT_LIVED ? addCollection : removeCollection)();
    else if (chance < 0.6 && loose.length > 0) renameFile();
    else (loose.length < LOOSE_FILES ? addFile : removeFile)();
  };

  return {
    staying,
    start() {
      let isEnding = false;
      const change = async (): Promise<number> => {
        let changes = 0;
        for (; !isEnding && changes < MAX_CHANGES; changes++) {
          changeOnce();
          await setImmediate();
        }
        return changes;
      };
      const changing = change();
      return () => {
        isEnding = true;
        return changing;
      };
    },
  };
}
