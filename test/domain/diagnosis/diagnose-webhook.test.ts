import { describe, expect, it } from 'vitest';
import {
  diagnoseReceiver,
  diagnoseStanding,
  type ReceiverAnswer,
  receiverTroubleOf,
} from '../../../src/domain/diagnosis/diagnose-webhook.js';
import { type Tries, UNTRIED } from '../../../src/domain/webhooks/retry.js';

describe('the receiver of a webhook', () => {
  it.each<[ReceiverAnswer, string, RegExp, RegExp | null]>([
    [{ kind: 'answered', status: 204 }, 'ok', /answers; ovadex webhook test deployer shows/, null],
    [{ kind: 'answered', status: 405 }, 'ok', /answers/, null],
    [{ kind: 'answered', status: 301 }, 'problem', /a redirect \(301\), which is not followed/, /redirects to/],
    [{ kind: 'answered', status: 502 }, 'warning', /is away: 502/, /behind its proxy/],
    [{ kind: 'unresolved', detail: 'ENOTFOUND' }, 'problem', /ENOTFOUND/, /have the name resolved/],
    [{ kind: 'private', detail: 'a is 10.0.0.1' }, 'problem', /a is 10\.0\.0\.1/, /allowPrivate/],
    [{ kind: 'tls', detail: 'expired' }, 'problem', /expired/, /certificate.*tls\.ca/],
    [{ kind: 'unreachable', detail: 'refused' }, 'problem', /refused/, /firewall/],
  ])('that answers %o is called %s', (answer, severity, message, action) => {
    const finding = diagnoseReceiver('deployer', answer);
    expect(finding).toMatchObject({ area: 'webhook', subject: 'deployer', severity });
    expect(finding.message).toMatch(message);
    if (action === null) expect(finding.action).toBeNull();
    else expect(finding.action).toMatch(action);
  });

  it.each([
    ['ENOTFOUND', 'unresolved'],
    ['EAI_AGAIN', 'unresolved'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['EPROTO', 'tls'],
    ['ECONNREFUSED', 'unreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable'],
    [null, 'unreachable'],
  ])('that can not be asked for %s is %s', (code, trouble) => {
    expect(receiverTroubleOf(code)).toBe(trouble);
  });
});

describe('what a webhook has not been told', () => {
  const NOW = 10_000_000_000;
  const MINUTE = 60_000;
  const failed = (its: Partial<Tries>): Tries =>
    Object.assign({}, UNTRIED, { attempts: 3, lastError: 'it answered 500' }, its);
  const standing = (user: string, its: Partial<Tries>, minutes: number | null) => ({
    ...{ user, tries: failed(its) },
    since: minutes === null ? null : NOW - minutes * MINUTE,
  });
  const diagnose = (...behind: ReturnType<typeof standing>[]) =>
    diagnoseStanding({ name: 'deployer', spaces: 9, behind }, NOW).map(({ severity, message, action }) => [
      severity,
      message,
      action,
    ]);

  it('is fine while it is new or being tried', () => {
    const fine = [['ok', '9 spaces, none given up', null]];
    expect(diagnose()).toEqual(fine);
    expect(diagnose(standing('jm', { state: 'waiting' }, 29))).toEqual(fine);
    expect(diagnose(standing('jm', { attempts: 0 }, 60), standing('kim', {}, null))).toEqual(fine);
  });

  it('is a warning once it waits for long, and a problem once it is given up', () => {
    const dead = ['a', 'b', 'c', 'd', 'e'].map((user) => standing(user, { state: 'dead' }, 9_000));
    expect(diagnose(...dead, standing('jm', { state: 'waiting' }, 31))).toEqual([
      [
        'problem',
        'given up for 5 spaces (a, b, c and 2 more; it answered 500), and not tried again by itself',
        'once its receiver works (ovadex webhook test deployer): ovadex webhook retry deployer',
      ],
      [
        'warning',
        'has not taken a message for half an hour or longer about 1 space (jm; it answered 500)',
        'check the receiver; a message that it does not take within five days is given up',
      ],
    ]);
  });
});
