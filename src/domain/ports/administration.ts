import type { AtAGlance } from '../diagnosis/at-a-glance.js';
import type { BackupOutcome, DaemonHealth, ReloadOutcome } from '../diagnosis/daemon-health.js';
import type { AuditRecord } from '../model/audit.js';

/** What administrators are told of the daemon as a whole, and what they do with it. */
export interface Administration {
  /** Returns all spaces at a glance, as they were a second ago or, if there are very many, some seconds. */
  overview(): Promise<AtAGlance>;
  /** Returns how the daemon is doing; sizes and findings may be a second old or, if looking takes long, some seconds. */
  health(): Promise<DaemonHealth>;
  /** Returns the newest entries of the audit log, the newest first. */
  auditTrail(atMost: number): Promise<readonly AuditRecord[]>;
  /** Copies the index beside it. Rejects with OvadexError `conflict` while another copy is being made. */
  backUp(): Promise<BackupOutcome>;
  /** Reads the configuration file again. Rejects with OvadexError `conflict` if the daemon has none. */
  reload(): Promise<ReloadOutcome>;
}
