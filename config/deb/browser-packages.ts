import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dependency } from './dependencies.js';

const FOLDER = 'dist/browser';

/** Lists the packages of which the build has laid files beside those for browsers, each with its manifest and notices. */
export function browserPackages(program: string): readonly Dependency[] {
  return readdirSync(join(program, FOLDER), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(program, FOLDER, entry.name, 'package.json')))
    .map((entry) => {
      const path = `${FOLDER}/${entry.name}`;
      const manifest = JSON.parse(readFileSync(join(program, path, 'package.json'), 'utf8')) as {
        readonly name: string;
        readonly version: string;
        readonly license: string;
      };
      return { path, name: manifest.name, version: manifest.version, licence: manifest.license };
    });
}
