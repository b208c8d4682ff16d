import * as z from 'zod';

/** Requests a second that looks at spaces may take of each storage. */
export function lookBudget() {
  const error = 'must be auto, off, or a number of requests a second from 0.01 to 1000';
  return z.union([z.number().min(0.01, { error }).max(1_000, { error }), z.enum(['auto', 'off'])], { error });
}
