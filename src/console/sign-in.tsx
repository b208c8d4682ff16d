import { Notice, sentence } from './parts/notice.js';
import { TEXTS } from './texts/texts.js';
import type { Visit } from './visit/visit.js';

/** The page for whoever has not signed in. `told`: why somebody is here; `next`: the page to go on with. */
export function SignIn({
  to,
  told,
  next,
  issuers,
}: {
  readonly to: Visit['to'];
  readonly told: string | null;
  readonly next: string;
  /** What issuers are called at whom one can sign in, by their number. */
  readonly issuers: readonly string[];
}) {
  const { signIn } = TEXTS;
  return (
    <main id="main" class="narrow" tabindex={-1}>
      <h1>{TEXTS.product}</h1>
      <p class="muted">{signIn.intro}</p>
      {told !== null && (
        <Notice notice={{ kind: told === signIn.signedOut ? 'done' : 'trouble', text: sentence(told) }} />
      )}
      {issuers.length > 0 && (
        <p class="issuers">
          {issuers.map((label, number) => (
            <a class="button" href={to(`/sign-in/with/${number}`, { next })}>
              {signIn.with} {label}
            </a>
          ))}
        </p>
      )}
      <form method="post" action={to('/sign-in')} class="card">
        <input type="hidden" name="next" value={next} />
        <label>
          {signIn.user}
          <input name="user" autocomplete="username" autocapitalize="none" spellcheck={false} required />
        </label>
        <label>
          {signIn.password}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit">{signIn.byPassword}</button>
      </form>
      <details>
        <summary>{signIn.byToken}</summary>
        <form method="post" action={to('/sign-in')} class="card">
          <input type="hidden" name="next" value={next} />
          <label>
            {signIn.token}
            <input name="token" type="password" autocomplete="off" spellcheck={false} required />
          </label>
          <button type="submit">{signIn.byToken}</button>
        </form>
      </details>
    </main>
  );
}
