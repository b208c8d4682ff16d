/** `npm run package:deb` or `tsx config/deb/main.ts [FOLDER]`: builds the package for Debian there, or in this folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage } from './build.js';

const [folder = '.'] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'ovadex-deb-'));
try {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const file = buildPackage({ project, scratch, folder: resolve(folder), environment: process.env });
  process.stdout.write(`${file}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}
