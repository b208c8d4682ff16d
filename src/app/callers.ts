import type { Logger } from 'pino';
import { createIssuerKeys } from '../auth/issuer-keys.js';
import { createIssuerTokens } from '../auth/issuer-tokens.js';
import { createProcessTokens, type ProcessTokens } from '../auth/process-tokens.js';
import { createSessionTokens, SESSION_ISSUER, type SessionTokens } from '../auth/session-tokens.js';
import { rememberPrincipals } from '../auth/token-cache.js';
import { createTokenUses } from '../auth/token-uses.js';
import { createTokenAuthority } from '../auth/tokens.js';
import { createTokenVerifier, type VerifyOneKind } from '../auth/verify-token.js';
import type { Config } from '../config/schema.js';
import type { StaleServing } from '../domain/policy/stale-serving.js';
import type { Clock } from '../domain/ports/clock.js';
import type { HttpDeps } from '../http/app.js';
import type { CrawlerThread } from './crawling/thread-protocol.js';
import type { Index } from './engines/index-ports.js';

/** Identifies the API's callers by tokens of every kind, which are read from the index and written by the crawler thread. */
export interface Callers extends Pick<HttpDeps, 'verify' | 'issueToken' | 'issueOwnToken' | 'tokens'> {
  /** Of those whom issuers have named to the console. */
  readonly processTokens: ProcessTokens;
  /** Writes the uses of tokens noted so far. */
  stop(): Promise<void>;
}

/** Sets up the tokens; `writer` rejects while there is no crawler. */
export async function createCallers(
  config: Config,
  { catalogue, authority, tokens, signingKey }: Pick<Index, 'catalogue' | 'authority' | 'tokens' | 'signingKey'>,
  writer: () => Promise<CrawlerThread<Config>>,
  deps: { readonly clock: Clock; readonly logger: Logger; readonly stale: StaleServing | null },
): Promise<Callers> {
  const sessions = createSessionTokens({
    signingKey: await signingKey(),
    ...deps,
    spaceOf: async (user) => (await catalogue.space(user))?.id ?? null,
    record: async (token) => (await writer()).recordLogIn(token),
    findByHash: tokens.findByHash,
  });
  const uses = createTokenUses({ ...deps, write: async (seen) => (await writer()).noteTokenUses(seen) });
  const processTokens = createProcessTokens(deps.clock);
  // Beside those of the index; what is remembered of one that has ended is of no use to anybody, as none leaves the process.
  const opaque: VerifyOneKind = async (token) => processTokens.verify(token) ?? (await authority.verify(token));
  const verify = createTokenVerifier({ opaque, jwt: createJwts(config, sessions, deps) });
  const own = createTokenAuthority({
    tokens: { ...tokens, createOwn: async (token) => (await writer()).createOwnToken(token) },
    clock: deps.clock,
  });
  return {
    processTokens,
    issueOwnToken: own.issueOwn,
    verify: rememberPrincipals({ verify, clock: deps.clock, noteUse: uses.note, stale: deps.stale }),
    issueToken: sessions.issue,
    tokens: {
      page: tokens.page,
      find: tokens.find,
      setDisabled: async (user, id, at) => (await writer()).setTokenDisabled({ user, id, at }),
      end: async (user, id, at) => (await writer()).endToken({ user, id, at }),
    },
    stop: uses.stop,
  };
}

/** The verifiers of JWTs by issuer: the daemon itself and the configured ones. */
function createJwts(
  { auth }: Config,
  sessions: SessionTokens,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): ReadonlyMap<string, VerifyOneKind> {
  const kinds = new Map<string, VerifyOneKind>([[SESSION_ISSUER, sessions.verify]]);
  for (const settings of auth.issuers) {
    const keys = createIssuerKeys(settings, { fetch, clock, logger });
    void keys.refresh(); // so that a mistake shows in the log at once; it never rejects
    kinds.set(settings.issuer, createIssuerTokens(settings, { keys, clock }));
  }
  return kinds;
}
