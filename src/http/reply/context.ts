import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Principal } from '../../domain/model/token.js';

/** An answer that the very same request gets again, as long as looking at it anew would give the same. */
export interface Repeatable {
  readonly status: 200 | 304;
  /** Those of the first answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of the body as latin1 text, one character each, with the seconds that the answer took; null: none. */
  readonly body: ((seconds: number) => string) | null;
  /** Most of what it keeps in memory. */
  readonly sizeBytes: number;
  /** Whether it would be the same. Asked at the end of a request's turn. */
  holds(): boolean;
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
    /** Whether the caller could come with the same token again; undefined where that must be looked at each time. */
    callerHolds: (() => boolean) | undefined;
    /** The answer, where the same request can be given it again. */
    repeatable: Repeatable | undefined;
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

/** Seconds since the request came in. */
export function secondsSpent(c: HttpContext): number {
  return (performance.now() - c.get('startedAt')) / 1000;
}
