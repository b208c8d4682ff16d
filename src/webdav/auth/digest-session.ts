import { randomBytes } from 'node:crypto';
import { UnusableCredentials } from '../failure/failure.js';
import type { DavAnswer } from '../transport/transport.js';
import { createTurns } from '../transport/waiting-line.js';
import type { AskedResource, Authenticator } from './authenticator.js';
import { type DigestChallenge, digestAuthorization, nextNonceOf, strongestDigest } from './digest.js';

/** A nonce of the server's and its counter, shared by all who use it: no count is sent twice. */
interface Nonce {
  readonly challenge: DigestChallenge;
  readonly cnonce: string;
  count: number;
}

/**
 * Where two servers behind one address know only nonces of their own, every second one is stale: six in a row are
 * one listing in 64, and those are tried again. A nonce that is stale when it comes back was too short-lived to use.
 */
const MAX_NONCES = 6;
/** RFC 7616 5.12 leaves it to the client; as long as an MD5 hash. */
const CNONCE_BYTES = 16;

/**
 * Digest (RFC 7616) for all parallel requests of one space. Nonces expire in the middle of everything, so a 401 to a
 * nonce that has worked means little: the request goes out again with the nonce that the 401 brought. Only where the
 * server doesn't call the nonce stale the credentials are in doubt, and then one request alone tries them anew while
 * the others wait: were the password changed, each of theirs would count towards a lock-out.
 */
export function createDigestSession(account: { username: string; password: string }): Authenticator {
  let current: Nonce | null = null;
  let isAccepted = false;
  let wasAccepted = false;
  /** Of credentials that were never taken: nothing is sent any more. */
  let refusal: DavAnswer | null = null;
  /** Of those that were: a folder of others, or a new password, which whoever asks has to find out. */
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
  /** Waits while another request tries the credentials; null once they are known to be good. */
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
          // Refused itself while another one made sure: that goes for both.
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
