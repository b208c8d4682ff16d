import { isSafeUrl } from '../domain/text/safe-url.js';

/** Keys of a large issuer are 20 KB. */
const MAX_BYTES = 262_144;
/** Whoever needs longer is down; a request of the API may be waiting. */
const TIMEOUT_MS = 5_000;

/**
 * A JSON document, within five seconds and 256 KiB. Only from https, or this machine:
 * who could change it on its way could sign any token. Rejects with an Error that names
 * the URL and says why; no redirect is followed.
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

/** Fetch itself says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is no JSON';
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
