/** `note`: worth knowing. `warning`: something should be done. `problem`: something does not work. */
export type Severity = 'ok' | 'note' | 'warning' | 'problem';

/** What a look at one thing has found. */
export interface Finding {
  readonly area: 'configuration' | 'files' | 'disk' | 'index' | 'clock' | 'storage' | 'space' | 'sample';
  /** What was looked at: a file, a URL, a user. */
  readonly subject: string;
  readonly severity: Severity;
  readonly message: string;
  /** What to do; null where nothing is to be done. */
  readonly action: string | null;
}

export type Area = Finding['area'];

/** Everything else that is told says what to do. */
export function ok(area: Area, subject: string, message: string): Finding {
  return { area, subject, severity: 'ok', message, action: null };
}
