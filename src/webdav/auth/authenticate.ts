import type { Credentials } from '../../domain/model/space.js';
import type { Authenticator } from './authenticator.js';
import { createDigestSession } from './digest-session.js';
import type { TokenFile } from './token-file.js';

/** Creates the authenticator for credentials; `openTokenFile` is called if they name a token file. */
export function createAuthenticator(
  credentials: Credentials,
  openTokenFile: (file: string) => TokenFile,
): Authenticator {
  switch (credentials.type) {
    case 'none':
      return always(null);
    case 'basic': {
      // RFC 7617 2.1 recommends UTF-8.
      const account = Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8');
      return always(`Basic ${account.toString('base64')}`);
    }
    case 'digest':
      return createDigestSession(credentials);
    case 'bearer':
      return 'token' in credentials
        ? always(`Bearer ${credentials.token}`)
        : withTokenOf(openTokenFile(credentials.tokenFile));
  }
}

function always(authorization: string | null): Authenticator {
  return { ask: (_asked, send) => send(authorization) };
}

function withTokenOf(file: TokenFile): Authenticator {
  return {
    async ask(_asked, send) {
      const token = await file.token();
      const answer = await send(`Bearer ${token}`);
      if (answer.status !== 401) return answer;
      const latest = await file.reread();
      return latest === token ? answer : await send(`Bearer ${latest}`);
    },
  };
}
