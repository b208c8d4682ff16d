#!/usr/bin/env node

// On SIGUSR1 Node opens its debugger to every account of the machine, and a debugger can read all keys of the process.
// A listener prevents that; Node 20 does not know `--disable-sigusr1` and refuses to start with it. It comes first,
// with dynamic imports after it, because static imports would delay it.
process.on('SIGUSR1', () => {});

const [
  { setTimeout: delay },
  { EXIT },
  { flushed, watchOutput, writeLines },
  { run },
  { installedBinding, whyUnfit },
  { watchTerminals },
] = await Promise.all([
  import('node:timers/promises'),
  import('./cli/terminal/exit-code.js'),
  import('./cli/terminal/io.js'),
  import('./cli/program.js'),
  import('./platform/sqlite-binding.js'),
  import('./platform/terminal.js'),
]);

/** After an internal error a stuck reader is not waited for any longer, since a restart has to wait for the exit. */
const LAST_WORDS_MS = 2_000;

const releaseLostTerminals = watchTerminals();
const { stdout, stderr, env } = process;
const whyUnwritten = watchOutput(stdout);
watchOutput(stderr); // nobody could be told
const unfit = whyUnfit(process.versions.node, installedBinding());
if (unfit !== null) {
  writeLines(stderr, `ovadex: ${unfit}`);
  await flushed(stderr);
  process.exit(EXIT.runtime);
}
const code = await run(process.argv.slice(2), { stdout, stderr, process, env, stdin: () => process.stdin });
// A socket as standard output receives long output in pieces. The exit is explicit, because after a forced stop the
// event loop may not be empty.
const written = Promise.all([flushed(process.stdout), flushed(process.stderr)]);
await (code === EXIT.internal ? Promise.race([written, delay(LAST_WORDS_MS)]) : written);
const failure = whyUnwritten();
if (failure !== null) {
  writeLines(stderr, `ovadex: the output can't be written: ${failure.message}`);
  await flushed(stderr);
}
releaseLostTerminals();
process.exit(failure === null || code !== EXIT.ok ? code : EXIT.index);
