import { request } from 'node:http';
import type { Config, ListenAddress } from '../config/schema.js';
import type { Finding } from '../domain/diagnosis/finding.js';
import { PROXIES } from '../http/gate/unnamed-proxy.js';

/** A daemon on this machine answers in milliseconds; one that doesn't is reported by other checks. */
const WITHIN_MS = 2_000;
/** Far more than a few checks with their messages take. */
const MAX_CHARACTERS = 65_536;
/** Addresses at which a listener on all interfaces is reached from the same machine. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Asks a running daemon for what only it knows: whether requests come through a proxy that the configuration doesn't
 * name. Returns no findings if none runs or another program listens there.
 */
export async function examineDaemon({ server }: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const checks = await askChecks(server.metricsListen ?? server.listen, signal);
  if (!checks.some(({ name, ok }) => name === PROXIES && ok === false)) return [];
  return [
    {
      area: 'configuration',
      subject: 'server.trustedProxies',
      severity: 'warning',
      message:
        'requests with X-Forwarded-For come from an address that is not listed here, so all of them count as one address',
      action: 'if that is a proxy of yours, list it; the log of the daemon has its address',
    },
  ];
}

interface Check {
  readonly name?: unknown;
  readonly ok?: unknown;
}

async function askChecks(address: ListenAddress, signal: AbortSignal): Promise<readonly Check[]> {
  try {
    const text = await askText(address, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
    const { checks } = Object(JSON.parse(text)) as { checks?: unknown };
    return Array.isArray(checks) ? checks.map((check) => Object(check) as Check) : [];
  } catch {
    return []; // nothing listens there, or another program does
  }
}

function askText(address: ListenAddress, signal: AbortSignal): Promise<string> {
  const place =
    address.kind === 'unix'
      ? { socketPath: address.path }
      : { host: LOOPBACK[address.host] ?? address.host, port: address.port };
  return new Promise((resolve, reject) => {
    const asking = request({ ...place, path: '/readyz?verbose', signal, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
        if (text.length > MAX_CHARACTERS) asking.destroy(new Error('too long an answer'));
      });
      answer.on('end', () => resolve(text)).on('error', reject);
    });
    asking.on('error', reject).end();
  });
}
