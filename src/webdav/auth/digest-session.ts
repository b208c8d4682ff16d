import { randomBytes } from 'node:crypto';
import { UnusableCredentials } from '../failure/failure.js';
import type { DavAnswer } from '../transport/transport.js';
import { createTurns } from '../transport/waiting-line.js';
import type { AskedResource, Authenticator } from './authenticator.js';
import { type DigestChallenge, digestAuthorization, nextNonceOf, strongestDigest } from './digest.js';

/** A nonce of the server and its counter, shared by all requests, so that no count is sent twice. */
interface Nonce {
  readonly challenge: DigestChallenge;
  readonly cnonce: string;
  count: number;
}

/**
 * If two servers behind one address know only their own nonces, every second nonce is stale: six in a row hit one
 * listing in 64, which is retried. A nonce that is stale on arrival is too short-lived to use.
 */
const MAX_NONCES = 6;
/** The length of an MD5 hash; RFC 7616 5.12 leaves it to the client. */
const CNONCE_BYTES = 16;

/**
 * Digest (RFC 7616) for all parallel requests of one space. Nonces expire at any moment, so a 401 to a nonce that has
 * worked means little: the request is sent again with the nonce from the 401. Only if the server doesn't call the nonce
 * stale are the credentials in doubt; then a single request tries them while the others wait, since after a change of
 * the password each of theirs would count towards a lock-out.
 */
export function createDigestSession(account: { username: string; password: string }): Authenticator {
  let current: Nonce | null = null;
  let isAccepted = false;
  let wasAccepted = false;
  /** The refusal of credentials that were never accepted: nothing more is sent. */
  let refusal: DavAnswer | null = null;
  /** The number of refusals after an acceptance: another user's folder, or a changed password, which the caller has to find out. */
  let refusals = 0;
  const trials = createTurns();

  const begin = (challenge: DigestChallenge): Nonce => {
    if (current?.challenge.nonce !== challenge.nonce) {
      current = { challenge, cnonce: randomBytes(CNONCE_BYTES).toString('hex'), count: 0 };
    }
    return current;
  };
  const authorize = (nonce: Nonce, asked: AskedResource) => {
    nonce.count += 1;
    return digestAuthorization(nonce, asked, account);
  };
  const welcome = (answer: DavAnswer, nonce: Nonce | null) => {
    const next = nextNonceOf(answer.headers.get('authentication-info'));
    if (nonce !== null && next !== null) begin({ ...nonce.challenge, nonce: next });
    return answer;
  };
  /** Waits while another request tries the credentials; null once they are known to be accepted. */
  const takeTrial = async (signal: AbortSignal) => {
    if (isAccepted) return null;
    const end = await trials.take(signal);
    if (!isAccepted) return end;
    end();
    return null;
  };

  return {
    async ask(asked, send, signal) {
      let own: Nonce | null = null;
      let mistrusted: { readonly answer: DavAnswer; readonly refusals: number } | null = null;
      let endTrial: (() => void) | null = null;
      try {
        for (let round = 0; round <= MAX_NONCES; round++) {
          endTrial ??= await takeTrial(signal);
          if (refusal !== null) return refusal;
          const nonce: Nonce | null = own ?? current;
          // Refused while another request was trying the credentials: its refusal holds for both.
          if (mistrusted !== null && refusals > mistrusted.refusals) return mistrusted.answer;
          const refusalsBefore = refusals;
          const answer = await send(nonce === null ? null : authorize(nonce, asked));
          if (answer.status !== 401) {
            if (endTrial !== null && answer.ok) isAccepted = wasAccepted = true;
            return welcome(answer, nonce);
          }
          const challenge = strongestDigest(answer.headers.all('www-authenticate'));
          const isFresh = own !== null || nonce?.challenge.nonce === challenge?.nonce;
          const isRefused = endTrial !== null && nonce !== null && isFresh && challenge?.isStale === false;
          if (challenge === null || isRefused) {
            refusals++;
            if (!wasAccepted) refusal = answer;
            return answer;
          }
          if (!challenge.isStale) {
            isAccepted = false;
            mistrusted = { answer, refusals: refusalsBefore };
          }
          own = begin(challenge);
        }
      } finally {
        endTrial?.();
      }
      throw new UnusableCredentials(`the server called ${MAX_NONCES} nonces in a row stale (Digest)`);
    },
  };
}
