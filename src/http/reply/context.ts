import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { ListingRules } from '../../domain/diagnosis/why.js';
import type { Principal } from '../../domain/model/token.js';

/** How long the very same request may be given the very same answer: its caller and all that it says stay the same. */
export interface Replay {
  /** The stamp of `Changes`; while it is the same, nothing was written. */
  readonly stamp: number;
  /** In ms since the epoch; a clock that is set back ends it as well. */
  readonly from: number;
  /** The first moment at which it no longer holds. */
  readonly until: number;
}

/** An answer that may be given again. */
export interface Replayable {
  readonly replay: Replay;
  readonly status: 200 | 304;
  /** The headers of the first answer. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Returns the bytes of the body as Latin-1 text, one character each, given the seconds that the answer took; null: no
   * body.
   */
  readonly body: ((seconds: number) => string) | null;
  /** Approximate size in memory. */
  readonly sizeBytes: number;
}

/** How a request was put aside, so that the very same request may be put aside without a look at it. */
export interface Aside {
  readonly replay: Replay;
  /** Puts such a request aside; false if too many wait. */
  readonly wait: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
}

/** Settings that a reload changes in place. */
export interface SettingsInEffect {
  /** The time between two scheduled syncs. */
  readonly syncIntervalMs: number;
  /** Whether storages may be searched. */
  readonly isSearchAllowed: boolean;
  /** Which paths are listed. */
  readonly rules: ListingRules;
}

/** What is kept of a request that was put aside, beside its connection. */
export interface Resumed {
  /** Headers with the state of the request limit, which has counted it already. */
  readonly limitHeaders: Readonly<Record<string, string>> | undefined;
  /** Whether a stop has cut its wait short. */
  readonly isCut: boolean;
}

/** Handles a request from its beginning once more. */
export type HandleAgain = (incoming: IncomingMessage, outgoing: ServerResponse, resumed: Resumed) => void;

/** The context that accompanies a request. */
export interface HttpEnv {
  /** The connection; only behind a real socket. */
  Bindings: {
    readonly incoming?: IncomingMessage;
    /** Where the answer is written. */
    readonly outgoing?: ServerResponse;
    readonly again?: HandleAgain;
    /** Not set unless the request was put aside and is handled again. */
    readonly resumed?: Resumed | undefined;
  };
  Variables: {
    requestId: string;
    /** When the request arrived, on the monotonic clock, in ms. */
    startedAt: number;
    /** `changes.current()` before the token was examined: what was true under it was true after the request arrived. */
    stamp: number;
    /** How long the same token is certain to be the same caller's; undefined if each request has to be examined. */
    callerReplay: Replay | undefined;
    /** The answer, if it may be given to the same request again. */
    replayable: Replayable | undefined;
    /** How the request was put aside, if the same may be done with the same request again. */
    aside: Aside | undefined;
    /** Headers with the state of the request limit. */
    limitHeaders: Readonly<Record<string, string>> | undefined;
    /** Headers for a page on another origin; undefined if none is allowed. */
    corsHeaders: Readonly<Record<string, string>> | undefined;
    /** Details of an administrator's act, besides those in the path. */
    actDetails: Readonly<Record<string, string | number | boolean>> | undefined;
    /** Set once a token is verified. */
    user: string | undefined;
  };
}

/** An app as its server calls it. */
export type Fetch = (request: Request, bindings?: HttpEnv['Bindings']) => Response | Promise<Response>;

export type HttpContext = Context<HttpEnv>;

export type Handle = (c: HttpContext) => Response | Promise<Response>;

/** A handler that requires a token. The caller is the token's owner, whatever else the request claims. */
export type CallerHandle = (c: HttpContext, caller: Principal) => Response | Promise<Response>;
