import type { Audit } from '../../domain/model/audit.js';
import type { Clock } from '../../domain/ports/clock.js';
import { shorten } from '../../domain/text/quote.js';
import type { HttpContext } from '../reply/context.js';

/** Acts that can be refused before it is known who attempts them. */
export type RefusedAct = 'log-in' | 'administration';

/** Writes refusals to the audit log: a few one by one, the rest as a number. */
export type AuditRefusal = (c: HttpContext, act: RefusedAct, outcome: string, by: string | null) => void;

/** A few lines show who tries what; a flood of them would crowd out what administrators did. */
const LINES = 10;
/** Ten lines of 300 bytes every ten minutes fill the file in a quarter of a year of constant tries. */
const WINDOW_MS = 10 * 60_000;

/**
 * Limits each kind of refusal to ten lines in ten minutes, since refusals cost the client nothing. The number of the
 * others is in the first line after that time.
 */
export function createRefusalAudit(
  audit: Audit,
  { addressOf, clock }: { readonly addressOf: (c: HttpContext) => string; readonly clock: Clock },
): AuditRefusal {
  const windows = new Map<RefusedAct, { since: number; lines: number; more: number }>();
  return (c, act, outcome, by) => {
    const now = clock();
    let window = windows.get(act);
    let unsaid = 0;
    if (window === undefined || Math.abs(now - window.since) >= WINDOW_MS) {
      unsaid = window?.more ?? 0;
      window = { since: now, lines: 0, more: 0 };
      windows.set(act, window);
    }
    if (window.lines >= LINES) {
      window.more++;
      return;
    }
    window.lines++;
    const { method, path } = c.req;
    const details = {
      method,
      path: shorten(path),
      request: c.get('requestId'),
      ...(unsaid > 0 ? { others_before: unsaid } : {}),
    };
    void audit({ act, by: by ?? 'unknown', from: addressOf(c), details, outcome });
  };
}
