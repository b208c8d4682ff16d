// Loaded into both threads of the daemon by `--import`: tells over the process's channel which sources have run a function
// since it was asked last. The crawler's thread answers through this one.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const BUILT = /^file:(?!.*node_modules).*\/dist\/[\w-]+\.js$/;
/** What begins the part of a built file that was made of a source, or of a package's file. */
const SOURCE = /^\/\/ (?:src\/([\w/-]+)\.ts|\S+)$/gm;

const channel = new BroadcastChannel('walk');
channel.unref();
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

const sourcesOf = new Map();
/** Where in a built file each source begins, the last one first. */
const sourcesIn = (url) => {
  const known = sourcesOf.get(url);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(url), 'utf8');
  const sources = [...text.matchAll(SOURCE)].map(({ index, 1: file }) => ({ index, file })).reverse();
  sourcesOf.set(url, sources);
  return sources;
};

const take = async () => {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const files = result.flatMap(({ url, functions }) => {
    if (!BUILT.test(url)) return [];
    const begins = functions.flatMap(({ ranges: [{ count, startOffset }] }) => (count > 0 ? [startOffset] : []));
    return begins.map((begin) => sourcesIn(url).find(({ index }) => index <= begin)?.file);
  });
  return [...new Set(files.filter((file) => file !== undefined))];
};

if (isMainThread) {
  process.on('message', async (thread) => {
    if (thread === 'api') process.send(await take());
    else channel.postMessage('take');
  });
  process.channel.unref();
  channel.onmessage = ({ data }) => process.send(data);
} else {
  channel.onmessage = async ({ data }) => {
    if (data === 'take') channel.postMessage(await take());
  };
}
