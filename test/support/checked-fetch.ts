import { type Answered, createAnswerCheck, type Document } from './documented-answers.js';
import { noteAuthorization } from './secrets.js';

type Check = (answered: Answered) => void;

const checks = new Map<string, Promise<Check>>();
/** By origin, what its document depends on. */
const kinds = new Map<string, string>();

/**
 * Servers of one kind have one document, which only the first of them is asked for: a server makes it when it is asked, and
 * it is compiled here, which together takes half as long as a start of the program.
 */
export function shareDocument(origin: string, kind: string): void {
  kinds.set(origin, kind);
}

/** `fetch` that rejects where an answer isn't as the server's own OpenAPI document says. */
export async function checkedFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  noteAuthorization(new Headers(init.headers).get('authorization'));
  const response = await fetch(url, init);
  const { origin, pathname } = new URL(url);
  const of = kinds.get(origin) ?? origin;
  const check = checks.get(of) ?? fetchCheck(of, origin);
  checks.set(of, check);
  const body = await response.clone().text();
  const method = init.method ?? 'GET';
  (await check)({ method, path: pathname, status: response.status, headers: response.headers, body });
  return response;
}

async function fetchCheck(of: string, origin: string): Promise<Check> {
  try {
    const response = await fetch(`${origin}/openapi.json`);
    return createAnswerCheck((await response.json()) as Document);
  } catch (error) {
    // The next server of its kind may answer.
    checks.delete(of);
    throw error;
  }
}
