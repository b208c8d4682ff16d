#!/usr/bin/env node
import { flushed, tolerateClosedPipe } from './cli/io.js';
import { run } from './cli/program.js';
import { watchTerminals } from './platform/terminal.js';

const releaseLostTerminals = watchTerminals();
tolerateClosedPipe(process.stdout);
tolerateClosedPipe(process.stderr);
const { stdout, stderr, env } = process;
const code = await run(process.argv.slice(2), { stdout, stderr, process, env });
// A socket as standard output takes a long answer in pieces. The end itself is not left to
// an empty event loop: a forced stop leaves work behind.
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
releaseLostTerminals();
process.exit(code);
