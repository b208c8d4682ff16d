import type { Revoked } from '../../domain/model/link.js';
import type { AskJson } from './ask-json.js';
import { textAt } from './text-at.js';

interface Account {
  readonly username: string;
  readonly password: string;
}

/** `not-exchanged`: the storage makes none of this password, such as of one that is an app password already. */
export type Exchanged =
  | { readonly appPassword: string }
  | { readonly failure: 'not-exchanged' | 'unavailable'; readonly detail: string };

/** Exchanges a user's real password for an app password, which the user sees and can revoke in the settings there. */
export async function exchangePassword(
  ask: AskJson,
  base: string,
  account: Account,
  signal: AbortSignal,
): Promise<Exchanged> {
  const path = `${new URL(base).pathname}ocs/v2.php/core/getapppassword`;
  const answer = await ask({ method: 'GET', path, account }, signal);
  const { detail } = answer;
  if (answer.status === null || answer.status === 429 || answer.status >= 500)
    return { failure: 'unavailable', detail };
  const appPassword = answer.status === 200 ? textAt(answer.json, ['ocs', 'data', 'apppassword'], 1_024) : null;
  return appPassword === null ? { failure: 'not-exchanged', detail } : { appPassword };
}

/** Revokes the app password with which it logs in. */
export async function revokeAppPassword(
  ask: AskJson,
  base: string,
  account: Account,
  signal: AbortSignal,
): Promise<Revoked> {
  const path = `${new URL(base).pathname}ocs/v2.php/core/apppassword`;
  const { status, detail } = await ask({ method: 'DELETE', path, account }, signal);
  if (status === 200) return { outcome: 'revoked' };
  return status === 401 ? { outcome: 'gone' } : { outcome: 'failed', detail };
}
