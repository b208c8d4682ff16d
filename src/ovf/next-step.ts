import { nextOfArchive } from './archive-step.js';
import { inflateStart } from './container/inflate.js';
import { knownUpTo, slice } from './container/known-bytes.js';
import { type Signature, signatureOf } from './container/signature.js';
import { createNotes } from './descriptor/notes.js';
import { readDescriptor } from './read-descriptor.js';
import { broken, FIRST_BYTES, MOST_OF_A_DESCRIPTOR, NO_MORE, type ReadingState, type Step } from './reading-state.js';

/** Says what comes next for a file, by what is known of it: the bytes to read, or the verdict. */
export function nextStep(state: ReadingState): Step {
  const { total, known } = state;
  if (total === 0) return broken(['empty']);
  const isDescriptor = /\.ovf$/i.test(state.name);
  const upTo = knownUpTo(known, 0);
  if (upTo === 0) {
    if (state.further >= NO_MORE) return broken(['descriptor-not-first']);
    const isRead = isDescriptor && total !== null && total <= MOST_OF_A_DESCRIPTOR;
    return { kind: 'read', from: 0, end: isRead ? total : Math.min(total ?? FIRST_BYTES, FIRST_BYTES) };
  }
  const start = slice(known, 0, upTo) ?? new Uint8Array();
  const signature = signatureOf(start);
  if (isDescriptor) return nextOfDescriptor(state, start, signature);
  switch (signature.kind) {
    case 'tar':
      return nextOfArchive(state);
    case 'gzip':
      return nextOfCompressed(state, start);
    case 'xml':
      return /\.ova$/i.test(state.name)
        ? broken(['not-an-ova: an XML document'])
        : nextOfDescriptor(state, start, signature);
    case 'cut-tar':
      return broken(['truncated'], ['the file ends within the first header']);
    case 'other':
      return broken([`not-an-ova: ${signature.what}`]);
    case 'unknown':
      return broken(['not-an-ova']);
  }
}

/** Whether a file is a descriptor that stands alone, by its name, else by its first bytes. */
export function standsAlone(name: string, start: Uint8Array): boolean {
  return /\.ovf$/i.test(name) || (!/\.ova$/i.test(name) && signatureOf(start).kind === 'xml');
}

function nextOfDescriptor({ total, known, further }: ReadingState, start: Uint8Array, signature: Signature): Step {
  if (signature.kind === 'tar' || signature.kind === 'cut-tar') return broken(['not-ovf: a tar archive']);
  if (signature.kind === 'gzip') return broken(['not-ovf: a gzip file']);
  if (signature.kind === 'other') return broken([`not-ovf: ${signature.what}`]);
  if (total !== null && total > MOST_OF_A_DESCRIPTOR) {
    return broken([`too-large: a descriptor of ${total} bytes; at most ${MOST_OF_A_DESCRIPTOR} are read`]);
  }
  const upTo = knownUpTo(known, 0);
  // One byte more than what is allowed tells whether there is any.
  const end = total ?? MOST_OF_A_DESCRIPTOR + 1;
  if (upTo < end && further >= NO_MORE) return broken(['invalid-xml: it could not be read to its end']);
  if (upTo < end) return { kind: 'read', from: upTo, end };
  if (start.length > MOST_OF_A_DESCRIPTOR) return broken([`too-large: more than ${MOST_OF_A_DESCRIPTOR} bytes`]);
  const notes = createNotes();
  const read = readDescriptor(start, notes);
  return read.kind === 'described'
    ? {
        kind: 'verdict',
        reading: { kind: 'described', descriptor: read.descriptor, reasons: read.reasons, notes: notes.all() },
      }
    : broken([`${read.reason}: ${read.detail}`], notes.all());
}

/** Vagrant's boxes and some archives by hand are compressed, which OVF doesn't allow. Only what was read is inflated. */
function nextOfCompressed(state: ReadingState, start: Uint8Array): Step {
  const inflated = inflateStart(start, MOST_OF_A_DESCRIPTOR);
  const signature = inflated === null ? null : signatureOf(inflated.bytes);
  if (inflated === null || signature?.kind !== 'tar') {
    const what = signature?.kind === 'xml' ? 'a gzip file with an XML document in it' : 'a gzip file';
    return broken([`not-an-ova: ${what}`]);
  }
  const isWhole = inflated.isAll && start.length === state.total;
  const step = nextOfArchive(
    {
      name: state.name,
      total: isWhole ? inflated.bytes.length : null,
      known: new Map([[0, inflated.bytes]]),
      further: NO_MORE,
      isSeekable: false,
    },
    'the archive is compressed by gzip, which OVF does not allow',
  );
  return step.kind === 'read' ? broken(['descriptor-not-first']) : step;
}
