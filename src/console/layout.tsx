import type { Child } from 'hono/jsx';
import { printable } from '../domain/text/printable.js';
import { Notice } from './parts/notice.js';
import { TEXTS } from './texts/texts.js';
import type { Notice as NoticeText, Session } from './visit/sessions.js';
import type { Visit } from './visit/visit.js';

/** The pages that the navigation names: path and text. */
const FOR_USERS = [
  ['/images', TEXTS.nav.images],
  ['/why', TEXTS.nav.why],
  ['/space', TEXTS.nav.space],
] as const;
const FOR_ADMINISTRATORS = [
  ['/admin', TEXTS.nav.overview],
  ['/admin/spaces', TEXTS.nav.spaces],
  ['/admin/syncs', TEXTS.nav.syncs],
  ['/admin/search', TEXTS.nav.search],
  ['/admin/health', TEXTS.nav.health],
] as const;

interface FrameProps {
  readonly title: string;
  /** The addresses of the style sheet and of the scripts. */
  readonly assets: { readonly style: string; readonly scripts: readonly string[] };
  readonly children?: Child;
}

/** Scripts read these out, or write them on buttons. */
const wordsOfScripts = Object.fromEntries(
  Object.entries(TEXTS.scripts).map(([name, text]) => [`data-word-${name}`, text]),
);

/** A document around anything: complete without scripts, which come last. */
export function Frame({ title, assets, children }: FrameProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>
          {title} · {TEXTS.product}
        </title>
        <link rel="stylesheet" href={assets.style} />
        {assets.scripts.map((script) => (
          <script type="module" src={script} />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          {TEXTS.skip}
        </a>
        {children}
        <p id="said" class="hidden" role="status" {...wordsOfScripts} />
      </body>
    </html>
  );
}

/** A page that loads itself again. */
export function SentOn() {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="refresh" content="0" />
        <title>{TEXTS.product}</title>
      </head>
      <body />
    </html>
  );
}

/** In place of a page that could not be made; the log has the reason by this id. */
export function Failed({
  requestId,
  to,
  assets,
}: {
  readonly requestId: string;
  readonly to: Visit['to'];
  readonly assets: FrameProps['assets'];
}) {
  return (
    <Frame title={TEXTS.failed.title} assets={assets}>
      <main id="main" class="narrow" tabindex={-1}>
        <h1>{TEXTS.failed.title}</h1>
        <p>{TEXTS.failed.text}</p>
        <p class="muted">
          {TEXTS.failed.id} <code>{requestId}</code>
        </p>
        <p>
          <a href={to('')}>{TEXTS.notFound.home}</a>
        </p>
      </main>
    </Frame>
  );
}

/** The page of somebody who has signed in. */
export function Layout({
  page,
  path,
  session,
  notice,
  to,
  assets,
}: {
  readonly page: { readonly title: string; readonly heading?: Child; readonly body: Child };
  /** Where this page lies. */
  readonly path: string;
  readonly session: Session;
  readonly notice: NoticeText | null;
  readonly to: Visit['to'];
  readonly assets: FrameProps['assets'];
}) {
  const isAdmin = session.scopes.includes('admin');
  const here = placeOf(path);
  const link = ([target, text]: readonly [string, string]) => (
    <li>
      <a href={to(target)} aria-current={target === here ? 'page' : undefined}>
        {text}
      </a>
    </li>
  );
  return (
    <Frame title={page.title} assets={assets}>
      <header class="bar">
        <a class="brand" href={to('')}>
          {TEXTS.product}
        </a>
        <nav aria-label={TEXTS.nav.label}>
          {isAdmin && <ul>{FOR_ADMINISTRATORS.map(link)}</ul>}
          <ul>{FOR_USERS.map(link)}</ul>
        </nav>
        <form method="post" action={to('/sign-out')} class="who">
          <input type="hidden" name="form" value={session.formToken} />
          <span title={TEXTS.signedInAs}>
            <bdi>{printable(session.user)}</bdi>
          </span>
          <button type="submit" class="quiet">
            {TEXTS.signOut}
          </button>
        </form>
      </header>
      <main id="main" tabindex={-1}>
        <h1>{page.heading ?? page.title}</h1>
        {notice !== null && <Notice notice={notice} />}
        {page.body}
      </main>
    </Frame>
  );
}

/**
 * Returns the path of the navigation that a page belongs to: the longest that it begins with. The overview is no place
 * of other pages.
 */
export function placeOf(path: string): string {
  const all = [...FOR_USERS, ...FOR_ADMINISTRATORS].map(([target]) => target);
  const around = all.filter((target) => path === target || (target !== '/admin' && path.startsWith(`${target}/`)));
  return around.reduce<string>((longest, target) => (target.length > longest.length ? target : longest), '');
}
