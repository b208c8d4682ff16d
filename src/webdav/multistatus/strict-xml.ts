import { SaxesParser } from 'saxes';
import type { MultistatusElements } from './elements.js';

/** Reads any XML document, valid or not, with saxes. */
export interface StrictXml {
  write(text: string): void;
  /** Reports anything left open at the end. */
  end(): void;
  /** Passes on the last text if the document stops within it. */
  flush(): void;
}

/**
 * Only the text of an error is looked at. An `Error` with its stack takes longer than all else about a character, and some storages
 * send thousands of control characters, each of which is an error.
 */
class TextOfErrors extends SaxesParser<{ readonly xmlns: true; readonly position: false }> {
  override makeError(message: string): Error {
    return { name: 'Error', message };
  }
}

const TEXT_OUTSIDE = 'text data outside of root node.';

/**
 * Passes the elements of a document, and its errors, to `elements`. `readBefore` is markup that another reader has
 * already passed to them: all open tags, or a whole document. It only sets the namespaces and what may follow.
 */
export function createStrictXml(elements: MultistatusElements, readBefore: string): StrictXml {
  const parser = new TextOfErrors({ xmlns: true, position: false });
  let isRepeating = readBefore !== '';

  parser.on('opentag', (tag) => {
    if (!isRepeating) elements.open(tag);
  });
  parser.on('closetag', () => {
    if (!isRepeating) elements.close();
  });
  const onText = (piece: string) => {
    if (!isRepeating) elements.text(piece);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);

  parser.on('doctype', (doctype) => {
    // Entities declared in a document type can expand without bound; WebDAV has no use for them.
    if (/^\s*html\b/i.test(doctype)) elements.fail('not-multistatus', 'the document is an HTML page');
    else elements.fail('malformed', 'the document has a <!DOCTYPE, which is not accepted');
  });

  parser.on('error', ({ message }) => {
    const isInside = elements.depth() > 0;
    if (isHarmless(message, { isInside, isCapturing: elements.isCapturing() })) return;
    const isClosed = elements.isClosed();
    if (message === TEXT_OUTSIDE && !isClosed) {
      elements.fail('not-multistatus', 'the document does not begin with an XML element');
    } else if (isClosed) elements.fail('malformed', 'something follows the end of the document');
    else elements.fail('malformed', `the XML can't be read: ${message}`);
  });

  if (isRepeating) parser.write(readBefore);
  isRepeating = false;

  return {
    write: (text) => void parser.write(text),
    end() {
      // Before that it would only report that the document is incomplete.
      if (elements.isClosed()) parser.close();
    },
    flush: () => void parser.close(),
  };
}

/**
 * Whether an error is harmless; saxes distinguishes errors only by their text. Harmless are those after which the
 * parser still reads every element correctly: a control character, an XML declaration after blank lines (PHP servers),
 * an unbound prefix, an HTML entity in a text that isn't captured. A bare `&` is not: it swallows elements up to the
 * next semicolon.
 */
function isHarmless(message: string, at: { isInside: boolean; isCapturing: boolean }): boolean {
  switch (message) {
    case 'disallowed character.':
      return true;
    case 'an XML declaration must be at the start of the document.':
    case 'the XML declaration must appear at the start of the document.':
      return !at.isInside;
    case 'undefined entity.':
      return !at.isCapturing;
    default:
      return message.startsWith('unbound namespace prefix');
  }
}
