import { PLANTED_COOKIE } from '../support/dav-server/no-http.js';
import { demand } from './check/violation.js';
import { ACCOUNT } from './storage.js';

const { username, password } = ACCOUNT;
/** What no log line, warning or error may show: the password, as it is sent, and what storages say to their clients. */
const SECRETS = [password, Buffer.from(`${username}:${password}`).toString('base64'), PLANTED_COOKIE];

export function demandNoSecret(where: string, texts: Iterable<string>): void {
  for (const text of texts) {
    const secret = SECRETS.find((each) => text.includes(each));
    demand(secret === undefined, '7 (no secret is told)', () => `${where} shows ${JSON.stringify(secret)}: ${text}`);
  }
}
