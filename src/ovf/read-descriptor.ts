import type { Descriptor } from '../domain/description/descriptor.js';
import type { Reason } from '../domain/description/reading.js';
import { describe, isAboutNothing, isEnvelope } from './descriptor/describe.js';
import { type Notes, quoted } from './descriptor/notes.js';
import { parseXml } from './xml/parse.js';

/** What a descriptor's bytes are. */
export type ReadDescriptor =
  | {
      readonly kind: 'described';
      readonly descriptor: Descriptor;
      /** Why it deploys nothing, though it can be read. */
      readonly reasons: readonly string[];
    }
  | { readonly kind: 'broken'; readonly reason: Reason; readonly detail: string; readonly isCut: boolean };

/** Reads a whole descriptor. */
export function readDescriptor(bytes: Uint8Array, notes: Notes): ReadDescriptor {
  const parsed = parseXml(bytes);
  if (parsed.kind !== 'parsed') {
    return { kind: 'broken', reason: parsed.kind, detail: parsed.detail, isCut: parsed.isCut };
  }
  for (const prefix of parsed.undeclared) notes.add(`the prefix ${quoted(prefix)} is not declared`);
  if (isEnvelope(parsed.root)) {
    const reasons = isAboutNothing(parsed.root) ? ['not-ovf: it describes no system'] : [];
    return { kind: 'described', descriptor: describe(parsed.root, notes), reasons };
  }
  const detail = `its root is <${parsed.root.local.slice(0, 60)}>`;
  return { kind: 'broken', reason: 'not-ovf', detail, isCut: false };
}
