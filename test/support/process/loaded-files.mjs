// Loaded into both threads of the daemon by `--import`: tells over the process's channel which files of the built program
// each has loaded by then.
import { Session } from 'node:inspector';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const channel = new BroadcastChannel('loaded files');
channel.unref();

const loaded = () => {
  const urls = [];
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params: { url } }) => urls.push(url));
  // Tells of all that there are before it returns.
  session.post('Debugger.enable');
  session.disconnect();
  return urls.flatMap((url) => /\/dist\/([\w-]+\.js)$/.exec(url)?.[1] ?? []);
};

if (isMainThread) {
  process.on('message', () => channel.postMessage('tell'));
  process.channel.unref();
  channel.onmessage = ({ data: crawler }) => process.send({ api: loaded(), crawler });
} else {
  channel.onmessage = () => channel.postMessage(loaded());
}
