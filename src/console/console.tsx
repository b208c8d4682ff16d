import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Clock } from '../domain/ports/clock.js';
import type { IssuerSignIn } from '../domain/ports/issuer-sign-in.js';
import { routedPath } from '../http/openapi/route.js';
import type { Fetch, HttpContext, HttpEnv } from '../http/reply/context.js';
import type { ConsoleAssets } from './assets.js';
import { FORM_FAULTS, faultPage } from './form-faults.js';
import { addIssuerRoutes, LeadOn } from './issuer-routes.js';
import { Failed, Frame, Layout, SentOn } from './layout.js';
import { createLive, topicsOf } from './live.js';
import { page, redirect } from './pages.js';
import { SCREENS } from './screens.js';
import { SignIn } from './sign-in.js';
import { TEXTS } from './texts/texts.js';
import { createAsk } from './visit/ask.js';
import { CONTENT_HEADERS } from './visit/content-headers.js';
import { sessionCookie, sessionIdOf } from './visit/cookie.js';
import { type FormFault, readForm, textOf } from './visit/form.js';
import { endGrant, type Grant, grantFor, grantOf } from './visit/grant.js';
import { createSessions, isSameSecret, type Session } from './visit/sessions.js';
import { type Act, createAddresses, type Page, type Send, type Show, type Visit } from './visit/visit.js';

export interface ConsoleDeps {
  /** The API that the pages are clients of. */
  readonly api: Fetch;
  /** Where a proxy serves everything; null if none is configured. */
  readonly publicUrl: string | null;
  readonly assets: ConsoleAssets;
  /** Ways to sign in at an organisation's issuers. */
  readonly signIns: readonly IssuerSignIn[];
  /** Makes a token that such a sign-in has brought worthless. */
  readonly endToken: (token: string) => void;
  readonly clock: Clock;
  /** Has a function called at a stop. */
  readonly atStop?: (end: () => void) => void;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Creates the pages for people, as a function that answers whatever lies below `/console`. All that they show or do is
 * asked of the API, with the token of whoever has signed in.
 */
export function createConsole({
  api,
  publicUrl,
  assets,
  signIns,
  endToken,
  clock,
  logger,
  atStop = () => undefined,
}: ConsoleDeps): Fetch {
  const { pathname, origin } = publicUrl === null ? { pathname: '/', origin: null } : new URL(publicUrl);
  const prefix = pathname.replace(/\/$/, '');
  const to = createAddresses(prefix);
  const cookie = (id: string) => ({ 'Set-Cookie': sessionCookie(id, `${prefix}/console`) });
  const loaded = { style: to(assets.style), scripts: assets.scripts.map((script) => to(script)) };
  const sessions = createSessions({
    clock,
    onEnd: ({ origin: from, token }) => {
      if (from === 'issuer') endToken(token);
    },
  });
  const live = createLive();
  atStop(live.end);
  const app = new Hono<HttpEnv>({ getPath: routedPath });

  const askAs = (c: HttpContext) => (authorization: string | null) =>
    createAsk(api, { request: c.req.raw, bindings: c.env }, authorization);
  const sessionOf = (c: HttpContext) => sessions.use(sessionIdOf(c.req.header('cookie')));

  const visitOf = (c: HttpContext, session: Session): Visit => ({
    session,
    ask: askAs(c)(`Bearer ${session.token}`),
    query: new URL(c.req.url).searchParams,
    now: clock(),
    to,
  });

  const layOut = (c: HttpContext, session: Session, shown: Page) => {
    const path = c.req.path.slice('/console'.length);
    const notice = sessions.told(session.id);
    return page(<Layout {...{ page: shown, path, session, notice, to, assets: loaded }} />, shown.status);
  };

  const showSignIn = (told: string | null, { status = 200, next = '' } = {}) =>
    page(
      <Frame title={TEXTS.signIn.title} assets={loaded}>
        <SignIn {...{ to, told, next, issuers: signIns.map(({ label }) => label) }} />
      </Frame>,
      status,
    );

  /** For whoever has no session, or no longer. */
  const showSignedOut = (c: HttpContext) => {
    const isRead = c.req.method === 'GET';
    // A link on another site is followed without the cookie; from a page of this server it is sent.
    if (isRead && c.req.header('sec-fetch-site') === 'cross-site') return page(<SentOn />);
    const hadSession = sessionIdOf(c.req.header('cookie')) !== undefined;
    const { pathname, search } = new URL(c.req.url);
    // As it was sent: names in paths are written there so that they are no other address.
    const next = isRead ? pathname.replace(/^\/+console/, '') + search : '';
    return showSignIn(hadSession ? TEXTS.signIn.ended : null, { status: 401, next });
  };

  const answerBy = (c: HttpContext, session: Session, shown: Page) => {
    if (shown.status !== 401) return layOut(c, session, shown);
    // The API no longer takes the token.
    sessions.end(session.id);
    return showSignedOut(c);
  };

  const showing = (show: Show) => async (c: HttpContext) => {
    const session = sessionOf(c);
    if (session === null) return showSignedOut(c);
    return answerBy(c, session, await show(visitOf(c, session), c.req.param() as Record<string, string>));
  };

  const sending = (send: Send) => async (c: HttpContext) => {
    const session = sessionOf(c);
    if (session === null) return showSignedOut(c);
    const sent = await send(visitOf(c, session), c.req.param() as Record<string, string>);
    return sent instanceof Response ? sent : answerBy(c, session, sent);
  };

  /** Returns a form of a page of this session, or why it is none that is taken. */
  const formOfSession = async (c: HttpContext, session: Session): Promise<FormData | FormFault> => {
    const form = await readForm(c.req.raw, origin);
    if (typeof form === 'string') return form;
    return isSameSecret(textOf(form, 'form'), session.formToken) ? form : 'forged';
  };

  const acting = (act: Act) => async (c: HttpContext) => {
    const session = sessionOf(c);
    if (session === null) return showSignedOut(c);
    const form = await formOfSession(c, session);
    if (typeof form === 'string') return layOut(c, session, faultPage(form));
    const outcome = await act(visitOf(c, session), form, c.req.param() as Record<string, string>);
    if (!('goTo' in outcome)) return answerBy(c, session, outcome);
    if (outcome.notice !== undefined) sessions.tell(session.id, outcome.notice);
    return redirect(to(outcome.goTo));
  };

  /** Returns the cookie of a new session, in place of the one that the browser had. */
  const beginSession = (c: HttpContext, granted: Extract<Grant, { token: string }>) => {
    sessions.end(sessionIdOf(c.req.header('cookie')) ?? '');
    return cookie(sessions.begin(granted).id);
  };

  addIssuerRoutes(app, {
    ...{ signIns, root: `${prefix}/console`, clock, refuse: showSignIn },
    async enter(c, token, next) {
      const granted = await grantOf(askAs(c), token, 'issuer');
      if ('refused' in granted) return showSignIn(granted.refused, { status: granted.status, next });
      return page(<LeadOn address={to('/signed-in', { next })} />, 200, beginSession(c, granted));
    },
  });

  app.get('/console', (c) => {
    const session = sessionOf(c);
    if (session === null) return showSignedOut(c);
    return redirect(to(session.scopes.includes('admin') ? '/admin' : '/images'));
  });

  app.get('/console/sign-in', (c) => {
    if (sessionOf(c) !== null) return redirect(to(''));
    const { searchParams: query } = new URL(c.req.url);
    return showSignIn(query.has('out') ? TEXTS.signIn.signedOut : null, { next: query.get('next') ?? '' });
  });
  app.post('/console/sign-in', async (c) => {
    const form = await readForm(c.req.raw, origin);
    if (typeof form === 'string') return showSignIn(FORM_FAULTS[form].told, { status: FORM_FAULTS[form].status });
    const next = textOf(form, 'next');
    const claim = { user: textOf(form, 'user'), password: textOf(form, 'password'), token: textOf(form, 'token') };
    const granted = await grantFor(askAs(c), claim);
    if ('refused' in granted) return showSignIn(granted.refused, { status: granted.status, next });
    return redirect(to('/signed-in', { next }), beginSession(c, granted));
  });
  // A page of its own, since only the next request shows whether the browser has kept the cookie.
  app.get('/console/signed-in', (c) => {
    if (sessionOf(c) === null) return showSignIn(TEXTS.signIn.noCookie, { status: 401 });
    return redirect(to(pageAfter(new URL(c.req.url).searchParams.get('next'))));
  });
  app.post('/console/sign-out', async (c) => {
    const session = sessionOf(c);
    if (session === null) return redirect(to('/sign-in'));
    const form = await formOfSession(c, session);
    if (typeof form === 'string') return layOut(c, session, faultPage(form));
    sessions.end(session.id);
    if (session.origin === 'log-in') await endGrant(visitOf(c, session).ask);
    return redirect(to('/sign-in', { out: 1 }), cookie(''));
  });

  const lives = new Map(SCREENS.flatMap((screen) => Object.entries(screen.lives ?? {})));
  app.get('/console/live', (c) => {
    const session = sessionOf(c);
    if (session === null) return new Response(null, { status: 401, headers: CONTENT_HEADERS });
    const visit = visitOf(c, session);
    const topics = topicsOf(lives, visit.query.getAll('topic'), session);
    const isAllowed = () => sessions.isLiving(session.id);
    const check = async () => {
      const who = await visit.ask.get('/v2/user');
      if (!who.isGood && who.status === 401) sessions.end(session.id);
    };
    return live.open({ owner: session.id, isAllowed, check, topics, visit: () => ({ ...visit, now: clock() }) });
  });
  for (const { shows = {}, acts = {}, sends = {} } of SCREENS) {
    for (const [path, show] of Object.entries(shows)) app.get(`/console${path}`, showing(show));
    for (const [path, act] of Object.entries(acts)) app.post(`/console${path}`, acting(act));
    for (const [path, send] of Object.entries(sends)) app.get(`/console${path}`, sending(send));
  }
  app.get('/console/assets/*', (c) => assets.answer(c.req.raw) ?? c.notFound());
  const showMissing = showing(async () => missing(to));
  app.notFound((c) => (METHODS.includes(c.req.method) ? showMissing(c) : refuseMethod(c.req.method)));
  app.onError((error, c) => {
    const requestId = c.req.header('x-request-id') ?? '';
    logger.error({ err: error, requestId }, 'a page could not be made');
    return page(<Failed {...{ requestId, to, assets: loaded }} />, 500);
  });
  return (request, bindings) => app.fetch(request, bindings ?? {});
}

/** What browsers send; no page has any other. */
const METHODS = ['GET', 'HEAD', 'POST'];

function refuseMethod(method: string): Promise<Response> {
  const allowed = METHODS.join(', ');
  return page(<p>{`${method} is not allowed here; allowed are ${allowed}.`}</p>, 405, { Allow: allowed });
}

/** A path of the console, as addresses are written: anything else is no header. */
const PAGE = /^\/[\w~-][\x21-\x7e]*$/;

/** Returns the page of the console that a sign-in leads back to; the first one in place of any other address. */
function pageAfter(next: string | null): string {
  return next !== null && PAGE.test(next) && !next.startsWith('/sign') ? next : '';
}

function missing(to: Visit['to']): Page {
  const body = (
    <>
      <p>{TEXTS.notFound.text}</p>
      <p>
        <a href={to('')}>{TEXTS.notFound.home}</a>
      </p>
    </>
  );
  return { title: TEXTS.notFound.title, status: 404, body };
}
