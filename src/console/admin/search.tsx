import type { FoundImageJson } from '../../wire/image.js';
import { Copyable } from '../parts/copyable.js';
import { Empty } from '../parts/empty.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { Pager } from '../parts/pager.js';
import { Size } from '../parts/size.js';
import { State, TONES } from '../parts/state.js';
import { type Column, Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer, Query } from '../visit/ask.js';
import type { Page, Screen, Visit } from '../visit/visit.js';
import { ChoiceFilter, FilterForm, TextFilter } from './filter-form.js';
import { filterText } from './words/filter-text.js';
import { spacePage } from './words/places.js';

const { search: texts, any, state } = TEXTS.admin;
const { images } = TEXTS;

const PATH = '/admin/search';
const PER_PAGE = 50;

/** The images of all spaces. */
export const searchScreen: Screen = { shows: { [PATH]: showSearch } };

async function showSearch(visit: Visit): Promise<Page> {
  const { ask, query, to } = visit;
  // Nothing is asked before somebody has typed something.
  const answer = isAsking(query) ? await ask.get<FoundImageJson[]>('/v2/admin/image', apiQueryOf(query)) : null;
  return {
    title: texts.title,
    status: answer?.isGood === false ? answer.status : 200,
    body: (
      <>
        <FilterForm action={to(PATH)} list="list" query={query}>
          <TextFilter name="name" label={texts.name} query={query} isWide />
          <TextFilter name="user" label={texts.userIs} query={query} />
          <ChoiceFilter
            name="state"
            label={state}
            query={query}
            choices={[['', any] as const, ...Object.keys(TONES).map((each) => [each, each] as const)]}
          />
        </FilterForm>
        <section id="list" aria-live="polite">
          <Found {...{ answer, visit }} />
        </section>
      </>
    ),
  };
}

function Found({ answer, visit }: { readonly answer: Answer<FoundImageJson[]> | null; readonly visit: Visit }) {
  if (answer === null) {
    return (
      <Empty title={texts.ask}>
        <p>{texts.askText}</p>
      </Empty>
    );
  }
  if (!answer.isGood) {
    // The name leaves too many: what the API advises is for those who write queries.
    return <Refusal detail={answer.parameters?.includes('name') ? texts.tooMany : answer.detail} />;
  }
  if (answer.data.length === 0) {
    return (
      <Empty title={texts.none}>
        <p>{texts.noneText}</p>
      </Empty>
    );
  }
  const { pages } = answer.meta;
  return (
    <>
      <Table caption={texts.list} columns={columnsOf(visit)} rows={answer.data} query={visit.query} />
      {pages !== undefined && (
        <Pager pages={pages} query={visit.query} nouns={{ one: images.one, many: images.many }} />
      )}
    </>
  );
}

function columnsOf({ now, to }: Visit): readonly Column<FoundImageJson>[] {
  const { columns } = images;
  return [
    {
      title: columns.name,
      sort: 'name',
      cell: ({ name, path }) => (
        <>
          <Name text={name} />
          <span class="sub">
            <Copyable text={path} />
          </span>
        </>
      ),
    },
    {
      title: TEXTS.admin.user,
      sort: 'user',
      cell: ({ user }) => (
        <a href={to(spacePage(user))}>
          <Name text={user} />
        </a>
      ),
    },
    { title: columns.state, cell: (image) => <State state={image.state} /> },
    { title: columns.size, sort: 'size', isNumber: true, cell: ({ size }) => <Size bytes={size} /> },
    {
      title: columns.modified,
      sort: 'updated_on',
      isNumber: true,
      cell: (image) => <When time={image.modified_on ?? image.updated_on} now={now} />,
    },
  ];
}

const fieldOf = (query: URLSearchParams, name: string) => query.get(name)?.trim() ?? '';

/** Whether anything narrows the search. */
function isAsking(query: URLSearchParams): boolean {
  return ['name', 'user', 'state'].some((name) => fieldOf(query, name) !== '');
}

/** Returns the query of the API for that of the page. */
export function apiQueryOf(query: URLSearchParams): Query {
  return {
    name: fieldOf(query, 'name'),
    filter: filterText([
      ['user', 'eq', fieldOf(query, 'user')],
      ['state', 'eq', fieldOf(query, 'state')],
    ]),
    sort: query.get('sort'),
    per_page: PER_PAGE,
    page: query.get('page') ?? 1,
    cursor: query.get('cursor'),
  };
}
