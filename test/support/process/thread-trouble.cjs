// Preloaded into the daemon (`node --require`): brings its crawler's thread to an end once TROUBLE_FILE says how.
const { existsSync, readFileSync } = require('node:fs');
const { isMainThread, workerData } = require('node:worker_threads');

const ENDS = {
  throw: () => {
    throw new TypeError('a mistake of the test');
  },
  reject: () => void Promise.reject(new TypeError('a mistake of the test')),
  exit: () => process.exit(3),
  heap: () => {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(Math.random()));
  },
};

const file = process.env.TROUBLE_FILE;
// The thread that reads the configuration is another one.
if (!isMainThread && workerData?.crawl !== undefined && file !== undefined) {
  const look = () => {
    if (existsSync(file)) ENDS[readFileSync(file, 'utf8')]?.();
  };
  look();
  setInterval(look, 20).unref();
}
