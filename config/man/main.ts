/** `tsx config/man/main.ts FOLDER` writes the manual pages to that folder, dated SOURCE_DATE_EPOCH if that is set. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createProgram } from '../../src/cli/program.js';
import { VERSION } from '../../src/platform/version.js';
import { configurationPage } from './configuration-page.js';
import { programPage } from './program-page.js';

// An option is refused, rather than taken for the name of a folder.
const { positionals } = parseArgs({ allowPositionals: true });
const [folder] = positionals;
if (folder === undefined || positionals.length > 1) throw new Error('name the one folder for the manual pages');
const epoch = process.env['SOURCE_DATE_EPOCH'];
const day = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
const options = { version: VERSION, date: day.toISOString().slice(0, 10) };
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { stdout, stderr, env } = process;
const program = createProgram({ stdout, stderr, process, env }, () => {});

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'ovadex.1'), programPage(program, read('config/README.md'), options));
writeFileSync(join(folder, 'ovadex.yaml.5'), configurationPage(read('config/ovadex.example.yaml'), options));
