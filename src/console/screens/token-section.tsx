import { printable } from '../../domain/text/printable.js';
import type { ClientTokenJson } from '../../wire/token.js';
import { ActForm } from '../parts/act-form.js';
import { Badge, type Tone } from '../parts/badge.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { Pager } from '../parts/pager.js';
import { type Column, Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer } from '../visit/ask.js';
import type { Visit } from '../visit/visit.js';
import type { SpaceDraft } from './space-draft.js';

const { tokens: texts } = TEXTS;

const TONES: Readonly<Record<string, Tone>> = {
  valid: 'good',
  disabled: 'waiting',
  expired: 'plain',
  revoked: 'plain',
};
/** What the API takes. */
export const MOST_DAYS = 366;
const DAYS = '90';

interface TokenProps {
  readonly tokens: Answer<ClientTokenJson[]>;
  readonly visit: Visit;
  readonly draft: SpaceDraft | null;
}

/** The own tokens, and the form that makes one. */
export function TokenSection({ tokens, visit, draft }: TokenProps) {
  return (
    <section id="tokens" aria-labelledby="tokens-title">
      <h2 id="tokens-title">{texts.title}</h2>
      <p class="muted">{texts.intro}</p>
      {tokens.isGood ? <List answer={tokens} visit={visit} /> : <Refusal detail={tokens.detail} />}
      <Create {...{ visit, draft }} />
    </section>
  );
}

/** What a token is called. */
export function TokenName({ token }: { readonly token: ClientTokenJson }) {
  const { id, name, is_log_in: isLogIn, is_current: isCurrent } = token;
  const unnamed = isLogIn ? texts.logIn : `${texts.unnamed} ${id}`;
  return (
    <>
      {name === null ? <span class="muted">{unnamed}</span> : <Name text={name} />}
      {isCurrent && <span class="sub">{texts.current}</span>}
    </>
  );
}

function List({
  answer: { data, meta },
  visit,
}: {
  readonly answer: Extract<Answer<ClientTokenJson[]>, { isGood: true }>;
  readonly visit: Visit;
}) {
  if (data.length === 0) return <p>{texts.none}</p>;
  return (
    <>
      <Table caption={texts.title} columns={columnsOf(visit)} rows={data} />
      {meta.pages !== undefined && (
        <Pager pages={meta.pages} query={visit.query} nouns={{ one: texts.one, many: texts.many }} />
      )}
    </>
  );
}

function columnsOf(visit: Visit): readonly Column<ClientTokenJson>[] {
  const { columns } = texts;
  const { now } = visit;
  return [
    { title: columns.name, cell: (token) => <TokenName token={token} /> },
    {
      title: columns.state,
      cell: ({ state }) => <Badge word={texts.states[state] ?? state} tone={TONES[state] ?? 'plain'} />,
    },
    { title: columns.used, cell: (token) => <When time={token.last_access} now={now} /> },
    { title: columns.expires, cell: (token) => <When time={token.expires_on} now={now} /> },
    {
      title: columns.scopes,
      cell: ({ scopes }) => (scopes.length === 0 ? <span class="none">–</span> : scopes.map(scopeName).join(', ')),
    },
    { title: columns.act, cell: (token) => <Acts {...{ token, visit }} /> },
  ];
}

function scopeName(scope: string): string {
  return texts.scopeNames[scope] ?? scope;
}

function Acts({ token, visit }: { readonly token: ClientTokenJson; readonly visit: Visit }) {
  const { id, state } = token;
  if (state !== 'valid' && state !== 'disabled') return <span class="none">–</span>;
  const isValid = state === 'valid';
  return (
    <div class="actions">
      {!token.is_current && (
        <ActForm visit={visit} action={`/space/tokens/${id}/${isValid ? 'disable' : 'enable'}`}>
          <button type="submit" class="quiet" aria-label={labelOf(isValid ? texts.disable : texts.enable, token)}>
            {isValid ? texts.disable : texts.enable}
          </button>
        </ActForm>
      )}
      <a href={visit.to(`/space/tokens/${id}/end`)} aria-label={labelOf(texts.end, token)}>
        {texts.end}
      </a>
    </div>
  );
}

/** What a button or link does to which token: a list has many that look alike. */
function labelOf(act: string, { id, name }: ClientTokenJson): string {
  return `${act} ${name === null ? `${texts.unnamed} ${id}` : printable(name)}`;
}

function Create({ visit, draft }: Pick<TokenProps, 'visit' | 'draft'>) {
  const { name = '', days = DAYS, scopes = [] } = draft?.token ?? {};
  const own = visit.session.scopes;
  return (
    <div class="card" id="create">
      <h2>{texts.create}</h2>
      {draft !== null && <Refusal detail={draft.detail} />}
      <ActForm visit={visit} action="/space/tokens" className="fields">
        <label>
          {texts.name}
          <input name="name" value={name} maxlength={100} autocomplete="off" />
        </label>
        <label>
          {texts.days}
          <input name="days" type="number" value={days} min={1} max={MOST_DAYS} step={1} required />
        </label>
        {own.length > 0 && (
          <fieldset>
            <legend>{texts.scopes}</legend>
            {own.map((scope) => (
              <label>
                <input type="checkbox" name="scope" value={scope} checked={scopes.includes(scope)} />
                {scopeName(scope)}
              </label>
            ))}
          </fieldset>
        )}
        <button type="submit">{texts.createNow}</button>
      </ActForm>
    </div>
  );
}
