import { SPACE_STATES } from '../../domain/lists/space-states.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { printable } from '../../domain/text/printable.js';
import type { SpaceJson } from '../../wire/space.js';
import { ActForm } from '../parts/act-form.js';
import { Badge } from '../parts/badge.js';
import { isNarrowed, NoRows } from '../parts/empty.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { Pager } from '../parts/pager.js';
import { type Column, Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Query } from '../visit/ask.js';
import { fieldOf } from '../visit/form.js';
import type { Outcome, Page, Screen, Visit } from '../visit/visit.js';
import { actedNotice, actOnSpaces, isSpaceAct, SPACE_ACTS } from './act-on-spaces.js';
import { ChoiceFilter, FilterForm, TextFilter } from './filter-form.js';
import { Said } from './said.js';
import { STATE_TONES } from './words/condition.js';
import { filterText } from './words/filter-text.js';
import { spacePage } from './words/places.js';

const { spaces: texts, states, any } = TEXTS.admin;

const PATH = '/admin/spaces';
/** As many as an act on all of a page takes some seconds for. */
const PER_PAGE = 50;
/** The choice of those that need a person. */
const IN_TROUBLE = 'trouble';

/** All spaces, and acts on those that are chosen. */
export const spacesScreen: Screen = { shows: { [PATH]: showSpaces }, acts: { [PATH]: actOnChosen } };

async function showSpaces(visit: Visit): Promise<Page> {
  const { ask, query, to } = visit;
  const answer = await ask.get<SpaceJson[]>('/v2/admin/space', apiQueryOf(query));
  const filters = <Filters query={query} to={to} />;
  if (!answer.isGood) {
    return {
      title: texts.title,
      status: answer.status,
      body: (
        <>
          {filters}
          <Refusal detail={answer.detail} />
        </>
      ),
    };
  }
  const { data, meta } = answer;
  return {
    title: texts.title,
    body: (
      <>
        {filters}
        <section id="list" aria-live="polite">
          {data.length === 0 ? (
            <NoRows texts={texts} isFiltered={isNarrowed(query, ['user', 'state'])} whole={to(PATH)} />
          ) : (
            <ActForm visit={visit} action={PATH}>
              <input type="hidden" name="back" value={query.toString()} />
              <Table caption={texts.list} columns={columnsOf(visit)} rows={data} query={query} />
              <div class="actions">
                <span>{texts.chosen}</span>
                {SPACE_ACTS.map((act) => (
                  <button type="submit" name="act" value={act} class="quiet">
                    {texts[act]}
                  </button>
                ))}
              </div>
            </ActForm>
          )}
          {meta.pages !== undefined && data.length > 0 && (
            <Pager pages={meta.pages} query={query} nouns={{ one: texts.one, many: texts.many }} />
          )}
        </section>
        <p>
          <a href={to('/admin/forget')}>{texts.forget}</a>
        </p>
      </>
    ),
  };
}

function columnsOf({ now, to }: Visit): readonly Column<SpaceJson>[] {
  const { columns } = texts;
  return [
    {
      title: columns.user,
      sort: 'user',
      cell: ({ user }) => (
        <span class="chosen">
          <input type="checkbox" name="user" value={user} aria-label={`${texts.choose} ${printable(user)}`} />
          <a href={to(spacePage(user))}>
            <Name text={user} />
          </a>
        </span>
      ),
    },
    {
      title: columns.state,
      cell: ({ state }) => <Badge word={state} tone={STATE_TONES[state]} reason={states[state]} />,
    },
    { title: columns.images, sort: 'images', isNumber: true, cell: ({ images }) => grouped(images) },
    {
      title: columns.seen,
      sort: 'last_success_on',
      isNumber: true,
      cell: (space) => <When time={space.last_success_on} now={now} />,
    },
    {
      title: columns.next,
      sort: 'next_sync_on',
      isNumber: true,
      cell: ({ next_sync_on: next }) =>
        next !== null && Date.parse(next) <= now ? texts.due : <When time={next} now={now} />,
    },
    { title: columns.trouble, cell: (space) => <Trouble space={space} /> },
  ];
}

/** What is wrong, in a line: the held removal first, as it waits for a person. */
function Trouble({ space }: { readonly space: SpaceJson }) {
  const { held_removals: held, last_error: error, removals_refused: isKept } = space;
  if (held === null && error === null) return <span class="none">–</span>;
  const { images, image } = TEXTS.admin.held;
  const parts = [
    ...(held === null ? [] : [`${counted(held, image, images)} ${isKept ? texts.kept : texts.held}`]),
    // What is held is trouble enough; its page has the reasons.
    ...(error === null || space.state === 'held' ? [] : [error.message]),
  ];
  return (
    <>
      {parts.map((part) => (
        <span class="line">
          <Said text={part} />
        </span>
      ))}
    </>
  );
}

function Filters({ query, to }: Pick<Visit, 'query' | 'to'>) {
  const choices = [['', any] as const, [IN_TROUBLE, texts.inTrouble] as const];
  const all = [...choices, ...SPACE_STATES.map((state) => [state, state] as const)];
  return (
    <FilterForm action={to(PATH)} list="list" query={query}>
      <TextFilter name="user" label={texts.userContains} query={query} isWide />
      <ChoiceFilter name="state" label={TEXTS.admin.state} query={query} choices={all} />
    </FilterForm>
  );
}

/** Returns the query of the API for that of the page. */
export function apiQueryOf(query: URLSearchParams): Query {
  const state = query.get('state') ?? '';
  return {
    filter: filterText([
      ['user', 'like', query.get('user')?.trim() ?? ''],
      state === IN_TROUBLE ? ['state', 'in', 'failing,held,suspended'] : ['state', 'eq', state],
    ]),
    sort: query.get('sort'),
    per_page: PER_PAGE,
    page: query.get('page') ?? 1,
    cursor: query.get('cursor'),
  };
}

async function actOnChosen({ ask }: Visit, form: FormData): Promise<Outcome> {
  const goTo = `${PATH}?${new URLSearchParams(fieldOf(form, 'back'))}`;
  const act = fieldOf(form, 'act');
  const users = form.getAll('user').filter((user) => typeof user === 'string');
  if (!isSpaceAct(act)) return { goTo, notice: { kind: 'trouble', text: texts.unknownAct } };
  if (users.length === 0) return { goTo, notice: { kind: 'trouble', text: texts.nobody } };
  return { goTo, notice: actedNotice(act, await actOnSpaces(ask, act, users)) };
}
