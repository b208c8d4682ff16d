#!/usr/bin/env node

// Node opens its debugger at SIGUSR1, to every account of the machine, and who is there reads all keys of the process. A
// listener takes the signal's place; `--disable-sigusr1` is not known to Node 20, which refuses to start with it. First of
// all: what is imported by declarations takes its time before any line here runs.
process.on('SIGUSR1', () => {});

const [
  { setTimeout: delay },
  { EXIT },
  { flushed, tolerateClosedPipe, writeLines },
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

/** After a breakdown nobody waits for a reader that is stuck: whoever starts it anew waits for the exit. */
const LAST_WORDS_MS = 2_000;

const releaseLostTerminals = watchTerminals();
tolerateClosedPipe(process.stdout);
tolerateClosedPipe(process.stderr);
const { stdout, stderr, env } = process;
const unfit = whyUnfit(process.versions.node, installedBinding());
if (unfit !== null) {
  writeLines(stderr, `ovadex: ${unfit}`);
  await flushed(stderr);
  process.exit(EXIT.runtime);
}
const code = await run(process.argv.slice(2), { stdout, stderr, process, env, stdin: () => process.stdin });
// A socket as standard output takes a long answer in pieces. The end itself is not left to
// an empty event loop: a forced stop leaves work behind.
const written = Promise.all([flushed(process.stdout), flushed(process.stderr)]);
await (code === EXIT.internal ? Promise.race([written, delay(LAST_WORDS_MS)]) : written);
releaseLostTerminals();
process.exit(code);
