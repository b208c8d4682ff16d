/** `note`: worth knowing. `warning`: something should be done. `problem`: something does not work. */
export type Severity = 'ok' | 'note' | 'warning' | 'problem';

/** The result of checking one thing. */
export interface Finding {
  readonly area:
    | 'configuration'
    | 'files'
    | 'disk'
    | 'index'
    | 'clock'
    | 'host'
    | 'storage'
    | 'space'
    | 'sample'
    | 'webhook';
  /** The thing that was checked: a file, a URL, a user, a host. */
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

/** What to do if a storage refuses the app password of a user who has connected it: nobody else can renew it. */
export const RENEW_LINK =
  'its user has to connect the storage again, by POST /v2/user/space/link; until then the list stays as it was';
