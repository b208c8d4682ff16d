import type { NameTrait } from '../../support/awkward-names.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { lighttpdMissing, startLighttpd } from '../../support/servers/lighttpd.js';
import { nepheleMissing, startNephele } from '../../support/servers/nephele.js';
import { nginxMissing, startNginx } from '../../support/servers/nginx.js';
import { RCLONE_MEMORY_MS, rcloneMissing, startRclone } from '../../support/servers/rclone.js';
import type { ServerProcess } from '../../support/servers/server-process.js';

/** A real server, and what has to be known of it to tell its faults from ours. */
export interface Subject {
  readonly name: 'Apache' | 'nginx' | 'lighttpd' | 'rclone' | 'nephele';
  /** What this machine lacks to run it, or null. */
  readonly missing: string | null;
  readonly start: (options: { readonly directory: string; readonly port?: number }) => Promise<ServerProcess>;
  /** Brings to the server what has changed on disk, for one that doesn't look there itself. */
  readonly publish?: (directory: string) => void;
  /** Names that the server itself does not carry. */
  readonly leaveOut: readonly NameTrait[];
  /** A change on disk shows in its answers after this time. */
  readonly memoryMs: number;
  /**
   * Whether the marker of a collection moves with the names inside. Where it stands
   * still, a collection that loses its last member is believed at the second sync only.
   */
  readonly movesMarkers: boolean;
}

export const SUBJECTS: readonly Subject[] = [
  {
    name: 'Apache',
    missing: apacheMissing,
    start: startApache,
    leaveOut: [],
    memoryMs: 0,
    movesMarkers: true,
  },
  {
    name: 'nginx',
    missing: nginxMissing,
    start: startNginx,
    // dav-ext lists no name that begins with a dot.
    leaveOut: ['leading-dot'],
    memoryMs: 0,
    movesMarkers: true,
  },
  {
    name: 'lighttpd',
    missing: lighttpdMissing,
    start: startLighttpd,
    // It lists them, and answers 400 to a URL that has `%0A`, `%C0` or `%FF` in it (url-ctrls-reject and
    // url-invalid-utf8-reject of its server.http-parseopts).
    leaveOut: ['control', 'never-utf8'],
    memoryMs: 0,
    movesMarkers: true,
  },
  {
    name: 'rclone',
    missing: rcloneMissing,
    start: startRclone,
    // Its local backend shows control characters as U+2400 pictures, and doubles U+201B, its own escape.
    leaveOut: ['control', 'quote-rune'],
    memoryMs: RCLONE_MEMORY_MS,
    // Before 1.65 a directory's date is that of rclone's own first look at it.
    movesMarkers: false,
  },
  {
    name: 'nephele',
    missing: nepheleMissing,
    start: startNephele,
    // Node reads names as UTF-8; what comes out of others leads to no file, and nephele leaves them out in silence.
    leaveOut: ['not-utf8', 'never-utf8'],
    memoryMs: 0,
    movesMarkers: true,
  },
];
