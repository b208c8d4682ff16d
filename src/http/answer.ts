import type { HttpContext } from './context.js';

/** An object literal, not `Headers`: the Node adapter hands it on as it is, which is the fastest way. */
type HeaderRecord = Readonly<Record<string, string>>;

const ANSWER_HEADERS: HeaderRecord = {
  'Content-Type': 'application/json',
  // Answers depend on the token: nobody but the caller may keep one, and not without asking again.
  'Cache-Control': 'private, no-cache',
  Vary: 'Authorization, Accept-Encoding',
  'X-Content-Type-Options': 'nosniff',
};

/** An answer with a JSON text as its body and the headers that all answers have. */
export function answer(c: HttpContext, status: number, body: string, headers: HeaderRecord = {}): Response {
  const requestId = { 'X-Request-Id': c.get('requestId') };
  // Of an answer to HEAD only the headers are sent, so the length of what GET sends has to be said.
  const length = c.req.method === 'HEAD' ? { 'Content-Length': `${Buffer.byteLength(body)}` } : {};
  return new Response(body, { status, headers: { ...ANSWER_HEADERS, ...requestId, ...length, ...headers } });
}
