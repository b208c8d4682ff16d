import { counted, grouped } from '../text/counted.js';
import type { Tries } from '../webhooks/retry.js';
import { type Finding, ok } from './finding.js';

/** Why a receiver can't be asked: no address, one that is not allowed, no TLS that is trusted, no connection. */
export type ReceiverTrouble = 'unresolved' | 'private' | 'tls' | 'unreachable';

/** How the receiver of a webhook has answered a request that tells it nothing. */
export type ReceiverAnswer =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: ReceiverTrouble; readonly detail: string };

/** Spaces of which a webhook has something to tell that is not taken. */
export interface Untold {
  readonly count: number;
  /** The first `NAMED_UNTOLD`, and why the first one's message is not taken. */
  readonly users: readonly string[];
  readonly reason: string | null;
}

/** What is wrong with a webhook: spaces for which it is given up, and those whose message is tried for long in vain. */
export interface WebhookTrouble {
  readonly name: string;
  /** How many it is to tell of. */
  readonly spaces: number;
  readonly dead: Untold;
  readonly late: Untold;
}

/** A space that a webhook is behind with. */
interface Standing {
  readonly user: string;
  readonly tries: Tries;
  /** When the message was made that is to be taken next, in ms since the epoch; null: it hasn't been made yet. */
  readonly since: number | null;
}

const ADVICE: Readonly<Record<ReceiverTrouble, string>> = {
  unresolved: 'correct the host in its url, or have the name resolved on this machine',
  private:
    'correct its url; if the receiver is meant to be in your own network, set allowPrivate of this webhook to true',
  tls: 'have the receiver renew its certificate, or give the webhook a tls.ca that has signed it; if it speaks no TLS, put a proxy that does in front of it',
  unreachable: 'check that the receiver is up, and that firewall and proxy allow the connection from this machine',
};
const UNRESOLVED_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'EAI_NODATA', 'EAI_NONAME']);
/** Node's names for what is wrong with certificates and handshakes, OpenSSL's among them. */
const TLS_CODE =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|HOSTNAME_MISMATCH)|^EPROTO$/;
/** What proxies answer in the place of a receiver that is down. */
const AWAY = new Set([502, 503, 504]);
/** As long as the alert allows: deployments take minutes, and the fifth try comes after about a quarter of an hour. */
export const LATE_AFTER_MS = 1_800_000;
export const NAMED_UNTOLD = 3;

/** Returns what the code of an error of a connection says; null is an error without one. */
export function receiverTroubleOf(code: string | null): ReceiverTrouble {
  if (code === null) return 'unreachable';
  if (UNRESOLVED_CODES.has(code)) return 'unresolved';
  return TLS_CODE.test(code) ? 'tls' : 'unreachable';
}

/** Says whether messages arrive at a receiver. Any answer but a redirect shows that it is there: it takes POST alone. */
export function diagnoseReceiver(name: string, answer: ReceiverAnswer): Finding {
  if (answer.kind !== 'answered') {
    return problem(name, `its receiver can't be told anything: ${answer.detail}`, ADVICE[answer.kind]);
  }
  const { status } = answer;
  if (status >= 300 && status < 400) {
    const action = 'put the URL that it redirects to into the url of the webhook';
    return problem(name, `its receiver answers with a redirect (${status}), which is not followed`, action);
  }
  if (AWAY.has(status)) {
    const action = 'check the receiver behind its proxy; messages are tried again for five days';
    return { area: 'webhook', subject: name, severity: 'warning', message: `its receiver is away: ${status}`, action };
  }
  return ok('webhook', name, `its receiver answers; ovadex webhook test ${name} shows whether it takes messages`);
}

/** Says of which spaces a webhook has been given up, which waits for a person, and with which it is behind for long. */
export function diagnoseStanding(...standing: Parameters<typeof webhookTroubleOf>): readonly Finding[] {
  return diagnoseTrouble(webhookTroubleOf(...standing));
}

/** Finds trouble among the spaces that a webhook is behind with, which are in the order of their users. */
export function webhookTroubleOf(
  { name, spaces, behind }: { readonly name: string; readonly spaces: number; readonly behind: readonly Standing[] },
  now: number,
): WebhookTrouble {
  const dead = behind.filter(({ tries }) => tries.state === 'dead');
  const late = behind.filter(
    ({ tries, since }) => tries.state !== 'dead' && tries.attempts > 0 && since !== null && since < now - LATE_AFTER_MS,
  );
  return { name, spaces, dead: untold(dead), late: untold(late) };
}

/** Says what `diagnoseStanding` does. */
export function diagnoseTrouble({ name, spaces, dead, late }: WebhookTrouble): readonly Finding[] {
  if (dead.count + late.count === 0) return [ok('webhook', name, `${counted(spaces, 'space')}, none given up`)];
  const findings: Finding[] = [];
  if (dead.count > 0) {
    const action = `once its receiver works (ovadex webhook test ${name}): ovadex webhook retry ${name}`;
    findings.push(problem(name, `given up for ${told(dead)}, and not tried again by itself`, action));
  }
  if (late.count > 0) {
    const message = `has not taken a message for half an hour or longer about ${told(late)}`;
    const action = 'check the receiver; a message that it does not take within five days is given up';
    findings.push({ area: 'webhook', subject: name, severity: 'warning', message, action });
  }
  return findings;
}

function problem(subject: string, message: string, action: string): Finding {
  return { area: 'webhook', subject, severity: 'problem', message, action };
}

function untold(standings: readonly Standing[]): Untold {
  const users = standings.slice(0, NAMED_UNTOLD).map(({ user }) => user);
  return { count: standings.length, users, reason: standings[0]?.tries.lastError ?? null };
}

/** `2 spaces (jm, kim; it answered 500)`. */
function told({ count, users, reason }: Untold): string {
  const more = count > users.length ? ` and ${grouped(count - users.length)} more` : '';
  return `${counted(count, 'space')} (${users.join(', ')}${more}${reason === null ? '' : `; ${reason}`})`;
}
