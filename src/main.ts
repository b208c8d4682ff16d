#!/usr/bin/env node
import { flushed, tolerateClosedPipe } from './cli/io.js';
import { run } from './cli/program.js';

tolerateClosedPipe(process.stdout);
tolerateClosedPipe(process.stderr);
const code = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, process });
// A socket as standard output takes a long answer in pieces. The end itself is not left to
// an empty event loop: a forced stop leaves work behind.
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);
