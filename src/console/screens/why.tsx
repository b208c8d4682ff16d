import type { ExplanationJson } from '../../wire/explanation.js';
import { ActForm } from '../parts/act-form.js';
import { Badge } from '../parts/badge.js';
import { Copyable } from '../parts/copyable.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { Told } from '../parts/told.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer, Query } from '../visit/ask.js';
import type { Page, Screen, Visit } from '../visit/visit.js';

const { why: texts } = TEXTS;

/** Reasons about which another look says more. */
const LOOKS: ReadonlySet<string> = new Set([
  'failing',
  'never-synced',
  'folder-closed',
  'gone',
  'folder-unknown',
  'folder-unlisted',
  'not-there',
  'not-seen',
]);

/** Why an image is in the own list, or is not. */
export const whyScreen: Screen = { shows: { '/why': showWhy } };

async function showWhy(visit: Visit): Promise<Page> {
  const { ask, query, to } = visit;
  const asked = (query.get('q') ?? '').trim();
  const answer = asked === '' ? null : await ask.get<ExplanationJson[]>('/v2/image/why', meantBy(asked));
  if (answer?.isGood === false && answer.status === 401) return { title: texts.title, status: 401, body: null };
  return {
    title: texts.title,
    body: (
      <>
        <p>{texts.intro}</p>
        <form class="filters" action={to('/why')}>
          <label class="wide">
            {texts.question}
            <input name="q" type="search" value={asked} autocomplete="off" spellcheck={false} required />
          </label>
          <button type="submit">{texts.ask}</button>
        </form>
        {answer !== null && <Answers {...{ answer, visit }} />}
      </>
    ),
  };
}

/** Returns what the API is asked: about a path if it has folders, else about a name. */
export function meantBy(asked: string): Query {
  return asked.includes('/') ? { path: asked } : { name: asked };
}

function Answers({ answer, visit }: { readonly answer: Answer<ExplanationJson[]>; readonly visit: Visit }) {
  if (!answer.isGood) return <Refusal detail={answer.detail} />;
  return (
    <section aria-label={texts.answers}>
      {answer.data.map((explanation) => (
        <Explanation {...{ explanation, visit }} />
      ))}
    </section>
  );
}

function Explanation({ explanation, visit }: { readonly explanation: ExplanationJson; readonly visit: Visit }) {
  const { path, listed, reason, message, action, elsewhere } = explanation;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const todo = action === null ? null : (texts.actions[reason] ?? null);
  return (
    <article class="card">
      <h2>
        <Name text={path} />
      </h2>
      <p>
        <Badge word={listed ? texts.listed : texts.unlisted} tone={listed ? 'good' : 'waiting'} />
      </p>
      <p>
        <Told text={message} />
      </p>
      {todo !== null && (
        <p>
          <strong>{texts.todo}</strong> {todo}
        </p>
      )}
      {elsewhere.length > 0 && (
        <>
          <p>{texts.elsewhere}</p>
          <ul>
            {elsewhere.map((other) => (
              <li>
                <Copyable text={other} />
              </li>
            ))}
          </ul>
        </>
      )}
      <div class="actions">
        {(listed || elsewhere.length > 0) && (
          <a class="button quiet" href={visit.to('/images', { name })}>
            {texts.show}
          </a>
        )}
        {reason === 'suspended' && (
          <a class="button" href={visit.to('/space')}>
            {TEXTS.space.title}
          </a>
        )}
        {LOOKS.has(reason) && (
          <ActForm visit={visit} action="/images/look">
            <button type="submit">{TEXTS.images.sync}</button>
          </ActForm>
        )}
      </div>
    </article>
  );
}
