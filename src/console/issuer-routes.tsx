import type { Hono } from 'hono';
import { OvadexError } from '../domain/model/errors.js';
import type { Clock } from '../domain/ports/clock.js';
import type { IssuerSignIn } from '../domain/ports/issuer-sign-in.js';
import type { HttpContext, HttpEnv } from '../http/reply/context.js';
import { redirect } from './pages.js';
import { TEXTS } from './texts/texts.js';
import { pendingCookie, pendingIdOf } from './visit/cookie.js';
import { createPendingSignIns, PENDING_MS } from './visit/pending-sign-ins.js';

/** Where issuers send browsers back to, below the console. */
export const CALLBACK = '/sign-in/callback';

export interface IssuerRoutesDeps {
  readonly signIns: readonly IssuerSignIn[];
  /** The path at which the console is served. */
  readonly root: string;
  readonly clock: Clock;
  /** Begins a session, and returns the answer that leads on to a page; or the page that says why there is none. */
  readonly enter: (c: HttpContext, token: string, next: string) => Promise<Response>;
  /** Shows the sign-in page with what went wrong. */
  readonly refuse: (
    told: string,
    options: { readonly status: number; readonly next?: string },
  ) => Response | Promise<Response>;
}

/** Adds the ways to and from issuers. The way there is a link, since a form may send nobody to another site. */
export function addIssuerRoutes(app: Hono<HttpEnv>, { signIns, root, clock, enter, refuse }: IssuerRoutesDeps): void {
  const pending = createPendingSignIns(clock);
  const cookie = (id: string) => ({ 'Set-Cookie': pendingCookie(id, `${root}/sign-in`, PENDING_MS / 1000) });

  app.get('/console/sign-in/with/:number{[0-9]+}', async (c) => {
    const way = signIns[Number(c.req.param('number'))];
    const next = new URL(c.req.url).searchParams.get('next') ?? '';
    if (way === undefined) return c.notFound();
    try {
      const begun = await way.begin();
      return redirect(begun.url, cookie(pending.keep({ way, begun, next })));
    } catch (error) {
      return refuse(whyOf(error), { status: 503, next });
    }
  });

  app.get(`/console${CALLBACK}`, async (c) => {
    const kept = pending.take(pendingIdOf(c.req.header('cookie')));
    if (kept === null) return refuse(TEXTS.signIn.tooLate, { status: 400 });
    const { way, begun, next } = kept;
    try {
      const answer = await enter(c, await way.finish(new URL(c.req.url).searchParams, begun), next);
      answer.headers.append('Set-Cookie', cookie('')['Set-Cookie']);
      return answer;
    } catch (error) {
      return refuse(whyOf(error), { status: isUnavailable(error) ? 503 : 401, next });
    }
  });
}

/** A page that goes on by itself: the cookie of a session isn't sent along with what began on another site. */
export function LeadOn({ address }: { readonly address: string }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="refresh" content={`0;url=${address}`} />
        <title>{TEXTS.product}</title>
      </head>
      <body>
        <p>
          <a href={address}>{TEXTS.signIn.goOn}</a>
        </p>
      </body>
    </html>
  );
}

/** Returns what may be told of an error; any other is the program's own. */
function whyOf(error: unknown): string {
  if (error instanceof OvadexError && (error.code === 'unavailable' || error.code === 'unauthenticated'))
    return error.message;
  throw error;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof OvadexError && error.code === 'unavailable';
}
