import type { z } from '@hono/zod-openapi';
import type { HttpContext } from './context.js';
import type { ParameterFault, Problem } from './problem.js';

export type JsonBody<T> = { readonly value: T } | { readonly problem: Problem };

/** No valid body comes near this: a request names a user and a mode. */
const MAX_BODY_BYTES = 16_384;

/**
 * Reads the request's body as JSON, whatever its Content-Type says, and checks it; `ifEmpty` stands for a missing body,
 * and `maxBytes` is how long it may be.
 */
export async function readJson<T>(
  c: HttpContext,
  schema: z.ZodType<T>,
  { ifEmpty, maxBytes = MAX_BODY_BYTES }: { readonly ifEmpty?: unknown; readonly maxBytes?: number } = {},
): Promise<JsonBody<T>> {
  const bytes = await readBytes(c.req.raw, maxBytes);
  if ('problem' in bytes) return bytes;
  const isAbsent = bytes.value.length === 0 && ifEmpty !== undefined;
  const parsed = isAbsent ? { value: ifEmpty } : parseJson(bytes.value.toString('utf8'));
  if ('problem' in parsed) return parsed;
  const checked = schema.safeParse(parsed.value);
  if (checked.success) return { value: checked.data };
  const errors = checked.error.issues.flatMap(faultsOf);
  return { problem: { status: 400, detail: errors.map(({ detail }) => detail).join('; '), errors } };
}

async function readBytes(request: Request, maxBytes: number): Promise<JsonBody<Buffer>> {
  const tooLarge: Problem = {
    status: 413,
    detail: `the body is too large; at most ${maxBytes} bytes are allowed`,
  };
  if (Number(request.headers.get('content-length')) > maxBytes) return { problem: tooLarge };
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) return { problem: tooLarge };
      chunks.push(chunk);
    }
  } catch {
    // Only the connection can fail here.
    return { problem: { status: 400, detail: 'the body did not arrive in full' } };
  }
  return { value: Buffer.concat(chunks) };
}

function parseJson(text: string): JsonBody<unknown> {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const what = text === '' ? 'is empty' : 'is not JSON';
    return { problem: { status: 400, detail: `the body ${what}; it must be a JSON object` } };
  }
}

function faultsOf(issue: z.core.$ZodIssue): ParameterFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ parameter: key, detail: `${key}: ${issue.message}` }));
  }
  const parameter = issue.path.join('.') || 'body';
  return [{ parameter, detail: `${parameter}: ${issue.message}` }];
}
