import { type Answered, createAnswerCheck, type Document } from './documented-answers.js';
import { noteAuthorization } from './secrets.js';

const checks = new Map<string, Promise<(answered: Answered) => void>>();

/** `fetch` that rejects where an answer isn't as the server's own OpenAPI document says. */
export async function checkedFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  noteAuthorization(new Headers(init.headers).get('authorization'));
  const response = await fetch(url, init);
  const { origin, pathname } = new URL(url);
  const check = checks.get(origin) ?? fetchCheck(origin);
  checks.set(origin, check);
  const body = await response.clone().text();
  const method = init.method ?? 'GET';
  (await check)({ method, path: pathname, status: response.status, headers: response.headers, body });
  return response;
}

async function fetchCheck(origin: string): Promise<(answered: Answered) => void> {
  const response = await fetch(`${origin}/openapi.json`);
  return createAnswerCheck((await response.json()) as Document);
}
