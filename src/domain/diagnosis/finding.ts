/** `note`: worth knowing. `warning`: something should be done. `problem`: something does not work. */
export type Severity = 'ok' | 'note' | 'warning' | 'problem';

/** The result of checking one thing. */
export interface Finding {
  readonly area: 'configuration' | 'files' | 'disk' | 'index' | 'clock' | 'storage' | 'space' | 'sample';
  /** The thing that was checked: a file, a URL, a user. */
  readonly subject: string;
  readonly severity: Severity;
  readonly message: string;
  /** What to do; null if nothing needs doing. */
  readonly action: string | null;
}

export type Area = Finding['area'];

/** Creates a finding that needs no action; all others say what to do. */
export function ok(area: Area, subject: string, message: string): Finding {
  return { area, subject, severity: 'ok', message, action: null };
}
