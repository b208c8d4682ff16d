import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { BadHead, faultOfHead } from './transport/bad-head.js';

/** A filter between a connection and the parser of its answers. */
export interface InterimFilter {
  /** Call it when a request is sent: the next bytes begin its answer. */
  begin(): void;
  /** Returns the part of these bytes that is for the parser; null if there is none yet. */
  take(chunk: Buffer): Buffer | null;
}

const CONTINUE = 100;
const SWITCHING_PROTOCOLS = 101;
/** `HTTP/1.1 1`: enough to tell an interim answer from a final one. */
const TELLING_BYTES = 10;
const AT_STATUS = 9;
const ONE = 0x31;
const STATUS_LINE = /^HTTP\/\d\.\d (1\d\d)[ \r\n]/;
const HEAD_END = '\r\n\r\n';
/** The longest head that undici's parser accepts; it is left to reject a longer one. */
const MAX_HEAD_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

/**
 * Removes each `100 Continue`. Nobody asks for one, but a client must cope with it (RFC 9110 15.2), and undici would
 * close the connection. Other interim answers are kept: each is a sign of life that prolongs undici's wait.
 */
export function createInterimFilter(): InterimFilter {
  let isBeginning = true;
  let held: Buffer = NOTHING;

  const skip = (bytes: Buffer): Buffer | null => {
    const kept: Buffer[] = [];
    let rest = bytes;
    while (isInterim(rest)) {
      const end = rest.indexOf(HEAD_END, 0, 'latin1') + HEAD_END.length;
      if (end < HEAD_END.length) {
        if (rest.length > MAX_HEAD_BYTES) break;
        held = rest;
        return kept.length === 0 ? null : Buffer.concat(kept);
      }
      const status = Number(STATUS_LINE.exec(rest.toString('latin1', 0, TELLING_BYTES + 3))?.[1]);
      if (status !== CONTINUE) kept.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    isBeginning = rest.length === 0;
    return isBeginning && kept.length === 0 ? null : Buffer.concat([...kept, rest]);
  };

  return {
    begin() {
      isBeginning = true;
    },
    take(chunk) {
      if (!isBeginning) return chunk;
      if (held.length === 0 && chunk.length >= TELLING_BYTES && chunk[AT_STATUS] !== ONE) {
        isBeginning = false;
        return chunk;
      }
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      held = NOTHING;
      return skip(bytes);
    },
  };
}

/** Whether these bytes begin an interim answer, or are too few to tell. */
function isInterim(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, TELLING_BYTES + 3);
  if (text.length === TELLING_BYTES + 3) {
    const status = STATUS_LINE.exec(text)?.[1];
    return status !== undefined && Number(status) !== SWITCHING_PROTOCOLS;
  }
  return text !== '' && /^HTTP\/\d\.\d 1\d\d$/.test(text + 'HTTP/1.1 100'.slice(text.length));
}

/** Wraps connections so that answers pass through the filter and errors say what is wrong with a head that the parser rejects. */
export function tolerant(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error === null && socket !== null) filterAnswers(socket);
      (callback as (error: Error | null, socket: Socket | null) => void)(error, socket);
    });
  };
}

/** Filters what undici reads with `read`; it abandons an answer with `destroy`. */
function filterAnswers(socket: Socket): void {
  const filter = createInterimFilter();
  const { read, write, destroy } = socket;
  let opening: Buffer | null = null;
  socket.write = (...written: unknown[]) => {
    filter.begin();
    opening = null;
    return (write as (...written: unknown[]) => boolean).apply(socket, written);
  };
  socket.read = (size) => {
    for (;;) {
      const chunk = read.call(socket, size) as Buffer | null;
      if (chunk === null || size !== undefined) return chunk;
      const taken = filter.take(chunk);
      opening ??= taken;
      if (taken !== null) return taken;
    }
  };
  socket.destroy = (error) => destroy.call(socket, explained(error, opening));
}

function explained(error: Error | undefined, opening: Buffer | null): Error | undefined {
  if (opening === null || !(error !== undefined && 'code' in error)) return error;
  if (error.code !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return error;
  const fault = faultOfHead(opening.subarray(0, MAX_HEAD_BYTES));
  return fault === null ? error : new BadHead(fault);
}
