import { request } from 'node:http';

/** An address where the API may listen. */
export type AskedAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** A daemon's report of its readiness, or why there is none. */
export interface Readiness {
  readonly isReady: boolean;
  /** Whether anything answered. */
  readonly isAnswered: boolean;
  /** `ready`, or the reason why it isn't. */
  readonly detail: string;
}

/** The daemon gives up on its own checks after two seconds. */
const ANSWER_WITHIN_MS = 5_000;
/** The daemon's answer has a few hundred bytes; another program that listens there may send more. */
const MAX_BYTES = 64 * 1024;

/** Asks /readyz whether the daemon is ready. Never rejects. */
export async function askReadiness(address: AskedAddress, timeoutMs = ANSWER_WITHIN_MS): Promise<Readiness> {
  if (address.kind === 'tcp' && address.port === 0) {
    const detail = 'server.listen has port 0, so the port that the daemon listens on is not known';
    return { isReady: false, isAnswered: false, detail };
  }
  try {
    const { status, body } = await get(address, timeoutMs);
    if (status === 200) return { isReady: true, isAnswered: true, detail: 'ready' };
    return { isReady: false, isAnswered: true, detail: detailOf(body) ?? `it answered ${status}` };
  } catch (error) {
    return { isReady: false, isAnswered: false, detail: reasonOf(error, timeoutMs) };
  }
}

/** Formats an address for people: `http://127.0.0.1:8080`, `unix:/run/ovadex/api.sock`. */
export function nameOfAddress(address: AskedAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = reachable(address.host);
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/** Replaces a wildcard address by the loopback address, where it can be reached. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function get(address: AskedAddress, timeoutMs: number): Promise<{ readonly status: number; readonly body: string }> {
  const place =
    address.kind === 'unix' ? { socketPath: address.path } : { host: reachable(address.host), port: address.port };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { Host: 'localhost', Connection: 'close' };
    const asked = request({ ...place, path: '/readyz', headers, signal, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > MAX_BYTES) response.destroy(new Error('the program that answers there is not ovadex'));
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end();
  });
}

/** Takes the reason from a problem document (RFC 9457). */
function detailOf(body: string): string | null {
  try {
    const { detail } = JSON.parse(body) as { readonly detail?: unknown };
    return typeof detail === 'string' ? detail : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing is listening there',
  ENOENT: 'no such socket',
  EACCES: 'this account is not allowed to use the socket',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the host name does not resolve here',
};

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'AbortError' || error.name === 'TimeoutError' || code === 'ABORT_ERR') {
    return `no answer within ${timeoutMs / 1000} s`;
  }
  return REASONS[code] ?? error.message;
}
