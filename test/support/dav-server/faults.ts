import { isWithin, type ResourcePath } from '../../../src/domain/model/path.js';
import type { ImpossibleEntry } from './impossible.js';
import type { MissingStyle } from './missing.js';
import type { NoHttp } from './no-http.js';

/** What goes wrong when a path is asked. Several may be combined; without any of them the answer is true. */
export interface Fault {
  /** How many requests it hits; every one by default. */
  readonly times?: number;
  /** How many requests pass before it hits. */
  readonly after?: number;
  /** Hits the whole subtree, not only the path. */
  readonly below?: boolean;
  /** Hits only requests with this Depth. */
  readonly depth?: '0' | '1' | 'infinity';
  /** Hits only requests with this method. */
  readonly method?: 'GET' | 'PROPFIND';

  /** Answers this instead of a multistatus, with `headers` and `body`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Retry-After: seconds, or the date of a time. */
  readonly retryAfter?: number | Date;
  /** To this Location, with `status` or 301. */
  readonly redirect?: string;
  /** 200 with a login page. */
  readonly html?: boolean;
  /** As if nothing were there, in this manner. */
  readonly missing?: MissingStyle;
  /** 400, with the request's Authorization in its reason phrase and body. */
  readonly echo?: boolean;
  /** Something that is no HTTP. */
  readonly noHttp?: NoHttp;

  /** Waits before the status line. */
  readonly delayMs?: number;
  /** Waits for this, too. */
  readonly until?: Promise<void>;
  /** `head`: never answers. `body`: sends half of the body, then nothing more. */
  readonly stall?: 'head' | 'body';
  /** Closes the connection without a word. */
  readonly reset?: boolean;
  /** Closes the connection behind so many bytes of the body. */
  readonly cutAtByte?: number;
  /** How the length of the body is told; by Content-Length where not given. */
  readonly framing?: 'content-length' | 'chunked' | 'close';
  readonly gzip?: boolean;
  /** Sends the whole file whatever part of it was asked for. */
  readonly ignoresRanges?: boolean;
  /** Sends no more than that of what was asked for. */
  readonly partBytes?: number;

  /** The collection's own entry: left out, shown as a file, with 403, below another path, or twice. */
  readonly self?: 'omitted' | 'file' | 'forbidden' | 'elsewhere' | 'twice';
  /** Children that the listing forgets, by name. */
  readonly forget?: readonly string[];
  /** Shows only itself, as rclone does where it may not read. */
  readonly blank?: boolean;
  /**
   * Shows only itself, and of itself its type alone (`untold`: Nextcloud shows somebody else's folder so) or an empty
   * ETag and the time of the answer for a date (`null-cache`: one's own to an app password without file access).
   */
  readonly bare?: 'untold' | 'null-cache';
  /** Children whose properties fail with this status, by name. */
  readonly childStatus?: Readonly<Record<string, number>>;
  /** That status stands with the response itself, without any propstat. */
  readonly isChildStatusOfResponse?: boolean;
  /** Entries beside the others that can be no members. */
  readonly impossible?: readonly ImpossibleEntry[];
  /** Shows every child twice, as Zimbra does. */
  readonly repeat?: boolean;
  /** Shows so many children at a time; the rest stands behind `Link: <?page=2>; rel="next"`, as on Jianguoyun. */
  readonly pageSize?: number;
  /** Shows so many children and, for the others, 507 for itself (RFC 6578 3.6). */
  readonly fitsOnly?: number;
  /** That 507 stands with the first member that is left out instead. */
  readonly isFullAtMember?: boolean;
  /** Responses that are added to the document as they stand. */
  readonly extraResponses?: string;
  /** Text behind the document. */
  readonly trailing?: string;
  /** `Link: <...>; rel="next"`, which leads nowhere in particular. */
  readonly linkNext?: string;
}

export interface FaultScript {
  /** Later faults of a path wait until the earlier ones are used up. The answer takes this one away. */
  add(path: string, fault: Fault): () => void;
  /** The fault that hits this request, counted as used; an empty one where none does. */
  next(path: ResourcePath, depth: string, method: string): Fault;
  clear(): void;
}

/** What answers as if nothing were wrong. */
export const NO_FAULT: Fault = {};

interface Armed {
  readonly path: ResourcePath;
  readonly fault: Fault;
  toPass: number;
  left: number;
}

export function createFaultScript(): FaultScript {
  const armed: Armed[] = [];
  const hits = ({ path, fault, left }: Armed, asked: ResourcePath, depth: string, method: string) =>
    left > 0 &&
    (fault.below === true ? isWithin(asked, path) : asked === path) &&
    (fault.depth === undefined || fault.depth === depth) &&
    (fault.method === undefined || fault.method === method);

  return {
    add(path, fault) {
      const entry: Armed = {
        path: path as ResourcePath,
        fault,
        toPass: fault.after ?? 0,
        left: fault.times ?? Number.POSITIVE_INFINITY,
      };
      armed.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    next(path, depth, method) {
      for (const entry of armed) {
        if (!hits(entry, path, depth, method)) continue;
        if (entry.toPass > 0) {
          entry.toPass--;
          continue;
        }
        entry.left--;
        return entry.fault;
      }
      return NO_FAULT;
    },
    clear() {
      armed.length = 0;
    },
  };
}
