import { readFileSync } from 'node:fs';
import { configJsonSchema } from '../../config/json-schema.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeJson } from '../terminal/io.js';

const EXAMPLE = new URL('../../../config/ovadex.example.yaml', import.meta.url);

/** `ovadex config schema`: prints the JSON Schema from which an editor completes keys, explains them and marks mistakes. */
export function printConfigSchema(io: Io): number {
  writeJson(io.stdout, configJsonSchema(readFileSync(EXAMPLE, 'utf8')));
  return EXIT.ok;
}
