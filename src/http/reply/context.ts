import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Principal } from '../../domain/model/token.js';

/** While the very same request may be given the very same answer: its caller and all that it says stay the same. */
export interface Replay {
  /** That of `Changes`: nobody has written. */
  readonly stamp: number;
  /** In ms since the epoch; a clock that is set back ends it, too. */
  readonly from: number;
  /** The first moment at which it is over. */
  readonly until: number;
}

/** An answer that may be given again. */
export interface Replayable {
  readonly replay: Replay;
  readonly status: 200 | 304;
  /** Those of the first answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of the body as latin1 text, one character each, with the seconds that the answer took; null: none. */
  readonly body: ((seconds: number) => string) | null;
  /** Most of what it keeps in memory. */
  readonly sizeBytes: number;
}

/** Settings that a reload changes in place. */
export interface SettingsInEffect {
  /** The time between two scheduled syncs. */
  readonly syncIntervalMs: number;
}

/** What one request carries beside itself. */
export interface HttpEnv {
  /** What is known of the connection; only behind a real socket. */
  Bindings: {
    readonly incoming?: IncomingMessage;
    /** Where an answer goes. */
    readonly outgoing?: ServerResponse;
  };
  Variables: {
    requestId: string;
    /** On the monotonic clock, in ms. */
    startedAt: number;
    /** What `changes.current()` was before the token was looked at: what was true under it was so after the request came. */
    stamp: number;
    /** While the same token is surely the same caller's; undefined if each request has to be looked at. */
    callerReplay: Replay | undefined;
    /** The answer, if the same request may be given it again. */
    replayable: Replayable | undefined;
    /** How its token stands with the request limit, for the answer. */
    limitHeaders: Readonly<Record<string, string>> | undefined;
    /** Headers for a page on another origin; undefined where none is configured to be one. */
    corsHeaders: Readonly<Record<string, string>> | undefined;
    /** What an act of an administrator is about, beside what the path says. */
    actDetails: Readonly<Record<string, string | number | boolean>> | undefined;
    /** Set once a token is verified. */
    user: string | undefined;
  };
}

export type HttpContext = Context<HttpEnv>;

export type Handle = (c: HttpContext) => Response | Promise<Response>;

/** A handler behind a token. The caller is who the token says, whatever else the request claims. */
export type CallerHandle = (c: HttpContext, caller: Principal) => Response | Promise<Response>;
