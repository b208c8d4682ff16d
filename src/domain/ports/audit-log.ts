import type { AuditEntry, AuditRecord } from '../model/audit.js';

/** What was done on all hosts of an index; so many entries as are worth keeping, see `AUDIT_KEPT`. */
export interface AuditLog {
  /** Keeps an entry of a host, at this time. */
  add(host: string, entry: AuditEntry): Promise<void>;
  /** Returns the newest entries of all hosts, the newest first. */
  newest(atMost: number): Promise<readonly AuditRecord[]>;
}
