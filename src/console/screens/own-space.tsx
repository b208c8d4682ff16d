import type { LinkJson, UnlinkedJson } from '../../wire/link.js';
import type { ClientTokenJson } from '../../wire/token.js';
import { ActForm } from '../parts/act-form.js';
import { sentence } from '../parts/notice.js';
import { refused } from '../parts/refused.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer } from '../visit/ask.js';
import { fieldOf } from '../visit/form.js';
import type { Notice } from '../visit/sessions.js';
import type { Outcome, Page, Screen, Visit } from '../visit/visit.js';
import { showLink } from './link-section.js';
import { showSpace } from './space.js';
import type { TokenDraft } from './space-draft.js';
import { MOST_DAYS, TokenName } from './token-section.js';

const { link: links, tokens: texts } = TEXTS;

type Params = Readonly<Record<string, string>>;

/** The own space: its connection and tokens, and what can be done to them. */
export const spaceScreen: Screen = {
  shows: {
    '/space': (visit) => showSpace(visit),
    '/space/disconnect': async (visit) => askDisconnect(visit),
    '/space/tokens/:id/end': askEnd,
  },
  acts: {
    '/space/link': connect,
    '/space/disconnect': disconnect,
    '/space/tokens': create,
    '/space/tokens/:id/disable': (visit, _form, { id = '' }) => change(visit, id, false),
    '/space/tokens/:id/enable': (visit, _form, { id = '' }) => change(visit, id, true),
    '/space/tokens/:id/end': end,
  },
  lives: { link: { show: showLink } },
};

/** Where the page goes on, with what came of it. */
function back(answer: Answer<unknown>, done: Omit<Notice, 'kind'>, part = ''): Outcome {
  const notice: Notice = answer.isGood ? { kind: 'done', ...done } : { kind: 'trouble', text: sentence(answer.detail) };
  return { goTo: `/space${part}`, notice };
}

async function connect(visit: Visit, form: FormData): Promise<Outcome> {
  const server = fieldOf(form, 'server');
  const answer = await visit.ask.send<LinkJson>('POST', '/v2/user/space/link', server === '' ? {} : { server });
  if (answer.isGood) return back(answer, { text: links.begun }, '#link');
  const { status, detail } = answer;
  // 400: it has to be said which storage is meant.
  return await showSpace(visit, { status, detail, ...(status === 400 ? { server } : {}) });
}

/** A question before something that can't be undone. */
function Question({
  visit,
  action,
  text,
  yes,
  no,
}: {
  readonly visit: Visit;
  readonly action: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
}) {
  return (
    <div class="card">
      <p>{text}</p>
      <div class="actions">
        <ActForm visit={visit} action={action}>
          <button type="submit" class="bad-full">
            {yes}
          </button>
        </ActForm>
        <a class="button quiet" href={visit.to('/space')}>
          {no}
        </a>
      </div>
    </div>
  );
}

function askDisconnect(visit: Visit): Page {
  const question = { action: '/space/disconnect', text: links.endText, yes: links.endNow, no: links.keep };
  return { title: links.endTitle, body: <Question visit={visit} {...question} /> };
}

async function disconnect({ ask }: Visit): Promise<Outcome> {
  const answer = await ask.send<UnlinkedJson>('DELETE', '/v2/user/space/link');
  return back(answer, { text: answer.isGood ? sentence(answer.data.message) : '' });
}

async function create(visit: Visit, form: FormData): Promise<Outcome> {
  const scopes = form.getAll('scope').filter((scope) => typeof scope === 'string');
  const draft: TokenDraft = { name: fieldOf(form, 'name'), days: fieldOf(form, 'days'), scopes };
  const days = /^\d{1,3}$/.test(draft.days) ? Number(draft.days) : 0;
  if (days < 1 || days > MOST_DAYS)
    return await showSpace(visit, { status: 400, detail: texts.daysFault, token: draft });
  const body = { name: draft.name === '' ? null : draft.name, days, scopes };
  const answer = await visit.ask.send<ClientTokenJson & { readonly token: string }>('POST', '/v2/user/token', body);
  if (answer.isGood) return back(answer, { text: texts.created, secret: answer.data.token });
  return await showSpace(visit, { status: answer.status, detail: answer.detail, token: draft });
}

async function change({ ask }: Visit, id: string, valid: boolean): Promise<Outcome> {
  const answer = await ask.send('PUT', pathOf(id), { valid });
  return back(answer, { text: valid ? texts.enabled : texts.disabled });
}

async function askEnd(visit: Visit, { id = '' }: Params): Promise<Page> {
  const answer = await visit.ask.get<ClientTokenJson>(pathOf(id));
  if (!answer.isGood) return refused(texts.endTitle, answer);
  const { data: token } = answer;
  const text = token.is_current ? `${texts.endCurrent} ${texts.endText}` : texts.endText;
  const question = { action: `/space/tokens/${token.id}/end`, text, yes: texts.endNow, no: texts.keep };
  const body = (
    <>
      <p>
        <TokenName token={token} />
      </p>
      <Question visit={visit} {...question} />
    </>
  );
  return { title: texts.endTitle, body };
}

async function end({ ask }: Visit, _form: FormData, { id = '' }: Params): Promise<Outcome> {
  return back(await ask.send('DELETE', pathOf(id)), { text: texts.ended });
}

function pathOf(id: string): string {
  return `/v2/user/token/${encodeURIComponent(id)}`;
}
