// Loaded into both threads of the daemon by `--import`: tells over the process's channel which files of dist/ ran a function
// since it was asked last. The crawler's thread answers through this one.
import { Session } from 'node:inspector/promises';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const FILE_OF_OURS = /^file:(?!.*node_modules).*\/dist\/([\w/-]+)\.js$/;

const channel = new BroadcastChannel('walk');
channel.unref();
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

const take = async () => {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const hasRun = ({ functions }) => functions.some(({ ranges }) => ranges[0].count > 0);
  return result.flatMap((script) => {
    const [, file] = FILE_OF_OURS.exec(script.url) ?? [];
    return file !== undefined && hasRun(script) ? [file] : [];
  });
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
