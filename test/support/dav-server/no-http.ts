import type { Socket } from 'node:net';

/** Answers that no HTTP client can read. */
export const NO_HTTP = ['banner', 'bare-lf', 'folded', 'control', 'icy', 'two-lengths', 'broken-chunk'] as const;
export type NoHttp = (typeof NO_HTTP)[number];

/** A cookie that stands in all of them: no log may show it. */
export const PLANTED_COOKIE = 'session=planted-cookie-5b1d';

/** Sends it as it stands, with what the client said of itself, and closes. */
export function sendNoHttp(socket: Socket, kind: NoHttp, authorization: string | undefined): void {
  socket.end(Buffer.from(textOf(kind, `${PLANTED_COOKIE}; you said ${authorization ?? 'nothing'}`), 'latin1'));
}

function textOf(kind: NoHttp, told: string): string {
  const cookie = `Set-Cookie: ${told}`;
  switch (kind) {
    case 'banner':
      return `SSH-2.0-OpenSSH_9.2p1 ${told}\r\n`;
    case 'bare-lf':
      return `HTTP/1.1 207 Multi-Status\n${cookie}\nContent-Length: 2\n\nno`;
    case 'folded':
      return `HTTP/1.1 207 Multi-Status\r\nX-Folded: a\r\n ${told}\r\nContent-Length: 2\r\n\r\nno`;
    case 'control':
      return `HTTP/1.1 207 Multi-Status\r\nX-\u0001Control: ${told}\r\nContent-Length: 2\r\n\r\nno`;
    case 'icy':
      return `ICY 200 OK\r\n${cookie}\r\n\r\nno`;
    case 'two-lengths':
      return `HTTP/1.1 207 Multi-Status\r\n${cookie}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nno`;
    case 'broken-chunk':
      return `HTTP/1.1 207 Multi-Status\r\n${cookie}\r\nTransfer-Encoding: chunked\r\n\r\nzz ${told}\r\nno\r\n`;
  }
}
