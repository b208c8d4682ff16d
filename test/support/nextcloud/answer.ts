import type { ServerResponse } from 'node:http';

export type Headers = readonly (readonly [string, string])[];

/** What goes out, in the order in which Apache and PHP send it. */
export interface CloudAnswer {
  readonly status: number;
  readonly headers?: Headers;
  readonly type: string;
  readonly body?: string;
  /** Sent without a length, as happens when PHP starts to write before it is done. */
  readonly isChunked?: boolean;
}

const XML = 'application/xml; charset=utf-8';

/** `front` are the headers that every answer begins with. A failing server ends the connection. */
export function sendAnswer(response: ServerResponse, answer: CloudAnswer, front: Headers): void {
  const { status, headers = [], type, body = '', isChunked = false } = answer;
  const hasLength = headers.some(([name]) => name === 'Content-Length');
  const length: Headers = hasLength ? [] : [['Content-Length', `${Buffer.byteLength(body)}`]];
  const framing: Headers = isChunked ? [['Transfer-Encoding', 'chunked']] : length;
  const ending: Headers = status >= 500 ? [['Connection', 'close']] : [];
  response.sendDate = false;
  response.writeHead(status, [...front, ...headers, ...framing, ...ending, ['Content-Type', type]].flat());
  response.end(body);
}

export const escapeText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** sabre's words for what went wrong. */
export function sabreError(status: number, exception: string, message: string, headers: Headers = []): CloudAnswer {
  const body = `<?xml version="1.0" encoding="utf-8"?>
<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">
  <s:exception>${exception}</s:exception>
  <s:message>${message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</s:message>
</d:error>
`;
  return { status, headers, type: XML, body };
}

export const xmlAnswer = (body: string, headers: Headers): CloudAnswer => ({ status: 207, headers, type: XML, body });

/** As PHP writes it: with escaped slashes. */
export const jsonAnswer = (status: number, value: unknown, headers: Headers = []): CloudAnswer => ({
  status,
  headers,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value).replaceAll('/', '\\/'),
});

export const pageAnswer = (status: number, title: string, body: string, headers: Headers = []): CloudAnswer => ({
  status,
  headers,
  type: 'text/html; charset=UTF-8',
  body: `<!DOCTYPE html><html><head><title>${title}</title></head><body>${body}</body></html>`,
});
