/**
 * Builds a crawled index in a process of its own, below `TMPDIR`; tells how far it is on standard error, and in the end what it
 * has made as JSON.
 * Usage: fill.ts SPACES IMAGES STORAGE-URL
 */
import { buildCrawledIndex } from './crawled-index.js';

const [spaces = 0, images = 0] = process.argv.slice(2).map(Number);
const total = (spaces * images).toLocaleString('en');
const { file, sizeBytes, elapsedMs } = buildCrawledIndex({ spaces, images }, process.argv[4] ?? '', (written) =>
  process.stderr.write(`growth: filling: ${written.toLocaleString('en')} of ${total} images\n`),
);
process.stdout.write(JSON.stringify({ file, sizeBytes, elapsedMs }));
