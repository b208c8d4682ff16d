import type { Server } from 'node:http';
import { type Duplex, Duplex as DuplexStream } from 'node:stream';

/** A request line whose target has bytes that are not allowed in a URI, but is valid otherwise. */
const RAW_LINE = /^([A-Z]+) (\/[!-~\x80-\xff]*) (HTTP\/1\.[01])\r\n/;
/** Time to send the rest of the answer; the connection is of no use after it. */
const LINGER_MS = 1_000;

/**
 * Percent-encodes the raw UTF-8 target of a request: curl, for example, sends it as it was typed, and Node's parser
 * refuses it. Takes exactly one request, its body included, and returns null for anything else. The connection ends
 * after it.
 */
export function encodeRawTarget(packet: Buffer): Buffer | null {
  const text = packet.toString('latin1');
  const [line, method, target = '', version] = RAW_LINE.exec(text) ?? [];
  const headEnd = text.indexOf('\r\n\r\n');
  if (line === undefined || headEnd === -1 || !/[\x80-\xff]/.test(target)) return null;
  const headers = text.slice(line.length, headEnd + 2);
  if (/^transfer-encoding[ \t]*:/im.test(headers)) return null;
  const lengths = [...headers.matchAll(/^content-length:[ \t]*(\d+)[ \t]*\r$/gim)].map(([, length]) => Number(length));
  if (lengths.length > 1 || (lengths[0] ?? 0) !== text.length - headEnd - 4) return null;
  const encoded = target.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  return Buffer.from(`${method} ${encoded} ${version}\r\nConnection: close\r\n${text.slice(line.length)}`, 'latin1');
}

/** The addresses of a request's two ends, which handlers read from its socket. */
const ADDRESS = ['remoteAddress', 'remotePort', 'localAddress', 'localPort'] as const;
/** Connections that are answered this way: further errors of their parser don't matter. */
const replayed = new WeakSet<Duplex>();

/** Whether a connection is being answered by `replay`. */
export function isReplayed(socket: Duplex): boolean {
  return replayed.has(socket);
}

/** Lets the server answer this request on its own connection, whose parser has given up. */
export function replay(server: Server, socket: Duplex, request: Buffer): void {
  replayed.add(socket);
  const stream = new DuplexStream({
    read: () => undefined,
    write: (chunk: Buffer, encoding, done) => void socket.write(chunk, encoding, done),
    final(done) {
      socket.end(done);
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    },
    destroy(error, done) {
      if (error !== null || !socket.writableEnded) socket.destroy();
      done(error);
    },
  });
  for (const name of ADDRESS) Object.defineProperty(stream, name, { value: Reflect.get(socket, name) });
  socket.once('close', () => stream.destroy());
  server.emit('connection', stream);
  stream.push(request);
}
