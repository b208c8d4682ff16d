import { SaxesParser } from 'saxes';
import type { MultistatusElements } from './elements.js';

/** Any XML document, and what is none, read by saxes. */
export interface StrictXml {
  write(text: string): void;
  /** Complains about whatever was left open behind the root. */
  end(): void;
  /** Gives out the text that was begun last, where the document stops within it. */
  flush(): void;
}

/** A part of the XML that saxes holds back may not be longer than this, but for the chunk that it came with. */
export interface StrictXmlOptions {
  readonly textLength: number;
  /**
   * Markup that another reader has given to `elements` already: all that is open at this point, or a whole document.
   * It sets the namespaces and what may follow, and says nothing more.
   */
  readonly readBefore: string;
}

const TEXT_OUTSIDE = 'text data outside of root node.';

/** Gives the elements of a document to `elements`, and what is wrong with it. */
export function createStrictXml(
  elements: MultistatusElements,
  { textLength, readBefore }: StrictXmlOptions,
): StrictXml {
  const parser = new SaxesParser({ xmlns: true, position: false });
  /** Text that the parser holds back since its last event. */
  let pending = 0;
  let isRepeating = readBefore !== '';

  parser.on('opentag', (tag) => {
    pending = 0;
    if (!isRepeating) elements.open(tag);
  });
  parser.on('closetag', () => {
    pending = 0;
    if (!isRepeating) elements.close();
  });
  const onText = (piece: string) => {
    pending = 0;
    if (!isRepeating) elements.text(piece);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);

  parser.on('doctype', (doctype) => {
    // Entities that a document type declares can be made to grow without bound; WebDAV has no use for them.
    if (/^\s*html\b/i.test(doctype)) elements.fail('not-multistatus', 'the document is an HTML page');
    else elements.fail('malformed', 'the document has a <!DOCTYPE, which is refused');
  });

  parser.on('error', ({ message }) => {
    const isInside = elements.depth() > 0;
    if (isHarmless(message, { isInside, isCapturing: elements.isCapturing() })) return;
    const isClosed = elements.isClosed();
    if (message === TEXT_OUTSIDE && !isClosed) {
      elements.fail('not-multistatus', 'the document does not begin with an XML element');
    } else if (isClosed) elements.fail('malformed', 'something stands behind the end of the document');
    else elements.fail('malformed', `the XML can't be read: ${message}`);
  });

  if (isRepeating) parser.write(readBefore);
  isRepeating = false;
  pending = 0;

  return {
    write(text) {
      pending += text.length;
      parser.write(text);
      if (pending > textLength + text.length) {
        elements.fail('too-large', `a part of the XML is longer than ${textLength} characters`);
      }
    },
    end() {
      // Before that it has nothing to say but that the document is not whole.
      if (elements.isClosed()) parser.close();
    },
    flush: () => void parser.close(),
  };
}

/**
 * saxes tells its errors apart by their text only. Harmless are those behind which the parser still reads every
 * element as it stands: a control character, an XML declaration behind blank lines (PHP servers), a prefix that is
 * bound to nothing, an entity of HTML in a text that nobody wants. A bare `&` isn't: it swallows elements up to the
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
