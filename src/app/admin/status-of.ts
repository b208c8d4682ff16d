import { summarise } from '../../domain/diagnosis/status-line.js';
import type { ReadIndexTotals } from '../../domain/ports/index-facts.js';

/**
 * Describes in one line what a daemon holds and does; `index` is undefined before it is open. It is asked every ten seconds in
 * the thread that answers, so nothing is read of each space one by one.
 */
export async function statusOf(
  index: { readonly totals: ReadIndexTotals } | undefined,
  { refusal, now, intervalMs }: { readonly refusal: string | null; readonly now: number; readonly intervalMs: number },
): Promise<string> {
  return summarise({ totals: (await index?.totals(now, intervalMs)) ?? null, refusal });
}
