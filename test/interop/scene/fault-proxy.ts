import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the proxy does to an answer of the server behind it. */
export type Fault =
  | 'none'
  | 'html' // 200 with the page of a login portal
  | 'cut' // the connection ends in the middle of a body of known length
  | 'cut-unnoticeably'; // a body that is delimited by the end of the connection ends too early

/** An answer that went through the proxy. */
export interface PassedAnswer {
  readonly status: number;
  /** The request's Authorization header, or null. */
  readonly authorization: string | null;
}

export interface FaultProxy {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** All since the start, or since they were forgotten. */
  readonly answers: readonly PassedAnswer[];
  forgetAnswers(): void;
  use(fault: Fault): void;
  stop(): Promise<void>;
}

const PORTAL = '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>';

/**
 * A proxy in front of a real server that passes everything on until it is told
 * otherwise. Each request waits `latencyMs` at it, as on a long way to the server.
 */
export async function startFaultProxy(targetUrl: string, { latencyMs = 0 } = {}): Promise<FaultProxy> {
  let fault: Fault = 'none';
  const answers: PassedAnswer[] = [];
  const target = new URL(targetUrl);

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (fault === 'html') {
      incoming.resume();
      outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PORTAL);
      return;
    }
    const { method, url: path, headers } = incoming;
    const upstream = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      answers.push({ status: answer.statusCode ?? 0, authorization: headers.authorization ?? null });
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => reply(outgoing, answer, Buffer.concat(chunks)));
    });
    upstream.once('error', () => outgoing.destroy());
    setTimeout(() => incoming.pipe(upstream), latencyMs);
  };

  const reply = (outgoing: ServerResponse, answer: IncomingMessage, body: Buffer) => {
    const {
      'transfer-encoding': _framing,
      'content-length': _length,
      connection: _connection,
      ...headers
    } = answer.headers;
    const status = answer.statusCode ?? 502;
    if (fault === 'cut') {
      outgoing.writeHead(status, { ...headers, 'content-length': body.length });
      outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
    } else if (fault === 'cut-unnoticeably') {
      // Neither length nor chunks: HTTP can't tell this end from the right one (RFC 9112 6.3).
      outgoing.useChunkedEncodingByDefault = false;
      outgoing.writeHead(status, { ...headers, connection: 'close' });
      outgoing.end(body.subarray(0, body.length >> 1));
    } else {
      outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
    }
  };

  const server = createServer(forward);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    answers,
    forgetAnswers() {
      answers.length = 0;
    },
    use(next) {
      fault = next;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
