import { isSafeUrl } from '../domain/text/safe-url.js';

/** Far more than the 20 KB of a large issuer's keys. */
const MAX_BYTES = 262_144;
/** An issuer that needs longer counts as down; a request to the API may be waiting. */
const TIMEOUT_MS = 5_000;

/**
 * Fetches a JSON document of up to 256 KiB within five seconds, only by https or from this machine: anybody who can
 * alter it in transit can sign any token. Follows no redirect. Rejects with an Error that names the URL and the reason.
 */
export async function fetchJson(url: string, fetcher: typeof fetch): Promise<unknown> {
  if (!isSafeUrl(url)) throw new Error(`${url} is not an https URL`);
  try {
    const response = await fetcher(url, {
      headers: { Accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answered ${response.status}`);
    }
    return JSON.parse(await readText(response));
  } catch (error) {
    throw new Error(`${url}: ${reasonOf(error)}`, { cause: error });
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Describes the error of a fetch, which itself only says that it failed; the reason is in its cause. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
