/** `tsx config/bundle/main.ts [FOLDER]` writes the program to that folder, `dist` by default. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.js';

// An option is refused, rather than taken for the name of a folder.
const { positionals } = parseArgs({ allowPositionals: true });
if (positionals.length > 1) throw new Error('name at most one folder for the program');
const project = fileURLToPath(new URL('../..', import.meta.url));
await bundle({ project, folder: resolve(project, positionals[0] ?? 'dist') });
