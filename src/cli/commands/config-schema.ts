import { readFileSync } from 'node:fs';
import { configJsonSchema } from '../../config/json-schema.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeJson } from '../terminal/io.js';

const EXAMPLE = new URL('../../../config/ovadex.example.yaml', import.meta.url);

/** `ovadex config schema`: what an editor needs to complete keys, to show what they mean and to mark mistakes. */
export function printConfigSchema(io: Io): number {
  writeJson(io.stdout, configJsonSchema(readFileSync(EXAMPLE, 'utf8')));
  return EXIT.ok;
}
