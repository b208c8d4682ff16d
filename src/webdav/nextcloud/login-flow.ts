import type { LinkGrant } from '../../domain/model/link.js';
import type { AskJson, JsonAnswer } from './ask-json.js';
import { textAt } from './text-at.js';

/** A log-in in the browser that has begun (Nextcloud's Login Flow v2). */
export interface StartedFlow {
  /** Where the user agrees, in a browser. */
  readonly loginUrl: string;
  /** The secret with which the result is fetched. */
  readonly pollToken: string;
  /** The path at which it is fetched. */
  readonly pollPath: string;
}

export type FlowStart = StartedFlow | { readonly trouble: string };

/** `pending`: the user has not agreed yet. `trouble`: the storage did not answer as it should; asking again may help. */
export type FlowPoll = { readonly grant: LinkGrant } | { readonly pending: true } | { readonly trouble: string };

/** Addresses and tokens of a flow take some 200 characters. */
const MAX_LENGTH = 2_048;

/**
 * Begins a flow at the Nextcloud with this base URL. The address at which its result is fetched must lie below that
 * URL, and so must the log-in: whoever answers here could otherwise send the user, or this daemon, elsewhere.
 */
export async function startLoginFlow(ask: AskJson, base: string, signal: AbortSignal): Promise<FlowStart> {
  const { pathname } = new URL(base);
  const answer = await ask({ method: 'POST', path: `${pathname}index.php/login/v2` }, signal);
  if (!isOk(answer)) return { trouble: answer.detail };
  const pollToken = textAt(answer.json, ['poll', 'token'], MAX_LENGTH);
  const endpoint = textAt(answer.json, ['poll', 'endpoint'], MAX_LENGTH);
  const loginUrl = textAt(answer.json, ['login'], MAX_LENGTH);
  if (pollToken === null || endpoint === null || loginUrl === null) return { trouble: answer.detail };
  for (const [name, url] of Object.entries({ login: loginUrl, endpoint })) {
    if (isBelow(base, url)) continue;
    const shown = URL.canParse(url) ? new URL(url).origin : 'something that is no address';
    return {
      trouble: `its ${name} lies at ${shown} and not below ${base}; link.origins has to name the storage's public address (overwrite.cli.url in Nextcloud)`,
    };
  }
  const { pathname: path, search } = new URL(endpoint);
  return { loginUrl: new URL(loginUrl).href, pollToken, pollPath: `${path}${search}` };
}

/** Asks once whether the user has agreed. The storage gives the app password only once. */
export async function pollLoginFlow(ask: AskJson, flow: StartedFlow, signal: AbortSignal): Promise<FlowPoll> {
  const form = { token: flow.pollToken };
  const answer = await ask({ method: 'POST', path: flow.pollPath, form }, signal);
  if (answer.status === 404) return { pending: true };
  if (!isOk(answer)) return { trouble: answer.detail };
  const server = textAt(answer.json, ['server'], MAX_LENGTH);
  const loginName = textAt(answer.json, ['loginName'], MAX_LENGTH);
  const appPassword = textAt(answer.json, ['appPassword'], MAX_LENGTH);
  if (server === null || loginName === null || appPassword === null) return { trouble: answer.detail };
  return { grant: { server, loginName, appPassword } };
}

function isOk(answer: JsonAnswer): answer is Extract<JsonAnswer, { status: number }> {
  return answer.status !== null && answer.status >= 200 && answer.status < 300;
}

function isBelow(base: string, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, pathname, username, password } = new URL(url);
  const { origin: own, pathname: ownPath } = new URL(base);
  return origin === own && pathname.startsWith(ownPath) && username === '' && password === '';
}
