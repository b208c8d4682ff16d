import { LINK_MESSAGES, type LinkJson } from '../../wire/link.js';
import { ActForm } from '../parts/act-form.js';
import { Badge, type Tone } from '../parts/badge.js';
import { Facts } from '../parts/facts.js';
import { Live } from '../parts/live.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { Told } from '../parts/told.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer } from '../visit/ask.js';
import type { Fragment, Visit } from '../visit/visit.js';
import type { SpaceDraft } from './space-draft.js';

const { link: texts } = TEXTS;

const TONES: Readonly<Record<LinkJson['state'], Tone>> = {
  unlinked: 'plain',
  pending: 'waiting',
  linked: 'good',
  refused: 'bad',
  lost: 'bad',
  configured: 'good',
};

interface LinkProps {
  readonly link: Answer<LinkJson>;
  readonly visit: Visit;
  readonly draft: SpaceDraft | null;
}

/** How the own storage is connected, and what can be done about it. While a log-in is awaited it goes on by itself. */
export function LinkSection({ link, visit, draft }: LinkProps) {
  return (
    <section class="card" id="link" aria-labelledby="link-title">
      <h2 id="link-title">{texts.title}</h2>
      {draft !== null && <Refusal detail={draft.detail} />}
      {link.isGood ? (
        <>
          <Live topic="link" fragment={linkFragment(link.data, visit)} refreshes="own" />
          <Acts {...{ link: link.data, visit, draft }} />
        </>
      ) : (
        <Refusal detail={link.detail} />
      )}
    </section>
  );
}

/** Shows the link as it is now; null if that is unknown. */
export async function showLink(visit: Visit): Promise<Fragment | null> {
  const link = await visit.ask.get<LinkJson>('/v2/user/space/link');
  return link.isGood ? linkFragment(link.data, visit) : null;
}

function linkFragment(link: LinkJson, { now }: Pick<Visit, 'now'>): Fragment {
  const { state, server, login_name: login, linked_on: since, linked_by: by, login_url: url } = link;
  const failure = failureOf(link);
  const [word, meaning] = texts.states[state];
  const body = (
    <div>
      {failure !== null && (
        <p>
          <strong>{texts.failed}</strong> <Told text={failure} />
        </p>
      )}
      <p>
        <Badge word={word} tone={TONES[state]} /> – {meaning}
      </p>
      <Facts
        facts={[
          [texts.server, server === null ? null : <Name text={server} />],
          [texts.login, login === null ? null : <Name text={login} />],
          [texts.since, since === null ? null : <Since {...{ since, by, now }} />],
        ]}
      />
      {url !== null && isWebAddress(url) && (
        <p>
          <a class="button" id="log-in-there" href={url} target="_blank" rel="noopener noreferrer">
            {texts.open}
          </a>{' '}
          <span class="muted">{texts.newTab}</span>
        </p>
      )}
      {url !== null && link.expires_on !== null && (
        <p class="muted">
          {texts.expires} <When time={link.expires_on} now={now} />.
        </p>
      )}
    </div>
  );
  return { body, say: `${word}: ${meaning}`, isOver: url === null };
}

function Since({ since, by, now }: { readonly since: string; readonly by: string | null; readonly now: number }) {
  return (
    <>
      <When time={since} now={now} /> {by === null ? '' : texts.by[by]}
    </>
  );
}

function Acts({
  link,
  visit,
  draft,
}: {
  readonly link: LinkJson;
  readonly visit: Visit;
  readonly draft: SpaceDraft | null;
}) {
  const { state } = link;
  if (state === 'configured') return null;
  const isNew = state === 'unlinked' || state === 'pending';
  return (
    <div class="actions">
      <ActForm visit={visit} action="/space/link" className="fields">
        {draft?.server !== undefined && (
          <label>
            {texts.which}
            <input name="server" type="url" value={draft.server} required spellcheck={false} />
          </label>
        )}
        <button type="submit" class={state === 'linked' || state === 'pending' ? 'quiet' : undefined}>
          {labelOf(state)}
        </button>
      </ActForm>
      {!isNew && <a href={visit.to('/space/disconnect')}>{texts.end}</a>}
    </div>
  );
}

function labelOf(state: LinkJson['state']): string {
  if (state === 'pending') return texts.again;
  return state === 'unlinked' ? texts.connect : texts.renew;
}

/** Returns why the last attempt failed, without what the API says of the state, which pages say in words of their own. */
export function failureOf({ message }: Pick<LinkJson, 'message'>): string | null {
  const said = Object.values(LINK_MESSAGES).find((text) => message.endsWith(text)) ?? '';
  const failure = message.slice(0, message.length - said.length).replace(/; $/, '');
  return failure === '' ? null : failure.replace(/^the last attempt failed: /, '');
}

/** Whether an address that a storage gave is one of a page: any other would run in this one. */
export function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol);
}
