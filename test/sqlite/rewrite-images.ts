// A process of its own for tests: rewrites all images of `jm` in the index `argv[2]`, commit by commit.
import { openDatabase } from '../../src/sqlite/file/database.js';
import { begin, commit, image, listing } from '../contract/index-under-test.js';
import { portsOf } from './temporary-index.js';

const IMAGES = 100;
const COMMITS = 300;

const db = openDatabase(process.argv[2] ?? '');
const clock = { now: 1_000 };
const index = { ...portsOf(db, () => clock.now), clock, close: async () => undefined };
const { lease } = await begin(index, 'jm');
for (let sizeBytes = 1; sizeBytes <= COMMITS; sizeBytes++) {
  const images = Array.from({ length: IMAGES }, (_, i) => image(`${i}.ova`, { sizeBytes }));
  await commit(index, lease, listing('', images));
}
db.close();
