import type { Audit } from '../../domain/model/audit.js';
import type { Clock } from '../../domain/ports.js';
import { shorten } from '../../domain/text/quote.js';
import type { HttpContext } from '../reply/context.js';

/** What is refused before anybody is known who could be held to it. */
export type RefusedAct = 'log-in' | 'administration';

/** Takes down refusals, few of them one by one. */
export type AuditRefusal = (c: HttpContext, act: RefusedAct, outcome: string, by: string | null) => void;

/** Some lines show who tries what; a flood of them would take the file from what administrators did. */
const LINES = 10;
/** Ten lines of 300 bytes each ten minutes fill the file in a quarter of a year, if somebody tries all that time. */
const WINDOW_MS = 10 * 60_000;

/**
 * Refusals cost nothing to whoever makes them, so of each kind ten in ten minutes are lines of their own. How many more there were
 * stands in the first line after that time.
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
    audit({ act, by: by ?? 'unknown', from: addressOf(c), details, outcome });
  };
}
