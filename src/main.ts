#!/usr/bin/env node
import { tolerateClosedPipe } from './cli/io.js';
import { run } from './cli/program.js';

tolerateClosedPipe(process.stdout);
tolerateClosedPipe(process.stderr);
const code = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, process });
// Not left to an empty event loop: a forced stop means now. What was written to a file,
// a terminal or a pipe is out already (process I/O, POSIX: synchronous).
process.exit(code);
