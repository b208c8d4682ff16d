import { SYNC_STATUSES } from '../../domain/lists/sync-list.js';
import { grouped } from '../../domain/text/counted.js';
import type { ClientAdminSyncJson } from '../../wire/sync.js';
import { isNarrowed, NoRows } from '../parts/empty.js';
import { Live } from '../parts/live.js';
import { Refusal } from '../parts/notice.js';
import { Pager } from '../parts/pager.js';
import { Table } from '../parts/table.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer, Ask, Query } from '../visit/ask.js';
import type { Fragment, Page, Screen, Visit } from '../visit/visit.js';
import { ChoiceFilter, FilterForm, TextFilter } from './filter-form.js';
import { RUNNING_COLUMNS } from './running.js';
import { ASKED_COLUMNS, COUNT_COLUMNS, linkColumn, resultColumns, spaceColumn } from './sync-columns.js';
import { filterText } from './words/filter-text.js';

const { syncs: texts, any } = TEXTS.admin;

const PATH = '/admin/syncs';
const LIST = '/v2/admin/request';
const PER_PAGE = 50;
/** More run at once on no machine that anybody looks at in a table. */
const MOST_RUNNING = 100;

/** The syncs that run, and the log of all. */
export const syncsScreen: Screen = {
  shows: { [PATH]: showSyncs },
  lives: { syncs: { show: showRunning, isShared: true } },
};

async function showSyncs(visit: Visit): Promise<Page> {
  const { ask, query, to } = visit;
  const [running, waiting, all] = await Promise.all([
    runningSyncs(ask),
    waitingSyncs(ask),
    ask.get<ClientAdminSyncJson[]>(LIST, apiQueryOf(query)),
  ]);
  if (!running.isGood) return { title: texts.title, status: running.status, body: <Refusal detail={running.detail} /> };
  return {
    title: texts.title,
    body: (
      <>
        <h2>{texts.running}</h2>
        <Live topic="syncs" fragment={{ body: <Running to={to} running={running.data} waiting={waiting} /> }} />
        <h2>{texts.log}</h2>
        <Filters query={query} to={to} />
        <section id="list" aria-live="polite">
          {!all.isGood && <Refusal detail={all.detail} />}
          {all.isGood && all.data.length === 0 && (
            <NoRows texts={texts} isFiltered={isNarrowed(query, ['user', 'status'])} whole={to(PATH)} />
          )}
          {all.isGood && all.data.length > 0 && (
            <Table
              caption={texts.list}
              columns={[spaceColumn(visit), ...resultColumns(visit), ...ASKED_COLUMNS, ...COUNT_COLUMNS]}
              rows={all.data}
            />
          )}
          {all.isGood && all.data.length > 0 && all.meta.pages !== undefined && (
            <Pager pages={all.meta.pages} query={query} nouns={{ one: texts.one, many: texts.many }} />
          )}
        </section>
      </>
    ),
  };
}

/** The syncs that run, as all administrators who look are shown them. */
async function showRunning({ ask, to }: Visit): Promise<Fragment | null> {
  const [running, waiting] = await Promise.all([runningSyncs(ask), waitingSyncs(ask)]);
  return running.isGood ? { body: <Running to={to} running={running.data} waiting={waiting} /> } : null;
}

function runningSyncs(ask: Ask): Promise<Answer<ClientAdminSyncJson[]>> {
  return ask.get(LIST, { filter: 'status,eq,IN_PROGRESS', per_page: MOST_RUNNING, page: 1 });
}

/** Returns how many syncs wait for their turn. */
async function waitingSyncs(ask: Ask): Promise<number> {
  const answer = await ask.get<unknown>(LIST, { filter: 'status,eq,PENDING', per_page: 1, page: 1 });
  return answer.isGood ? (answer.meta.pages?.total ?? 0) : 0;
}

/** The syncs that run, and how many wait. */
function Running({
  to,
  running,
  waiting,
}: {
  readonly to: Visit['to'];
  readonly running: readonly ClientAdminSyncJson[];
  readonly waiting: number;
}) {
  return (
    <>
      {running.length === 0 ? (
        <p class="muted">{texts.nothing}</p>
      ) : (
        <Table
          caption={texts.runningList}
          columns={[spaceColumn({ to }), ...RUNNING_COLUMNS, linkColumn({ to })]}
          rows={running}
        />
      )}
      {waiting > 0 && (
        <p class="muted">
          {grouped(waiting)} {waiting === 1 ? texts.waitingOne : texts.waiting}.
        </p>
      )}
    </>
  );
}

function Filters({ query, to }: Pick<Visit, 'query' | 'to'>) {
  const choices = [['', any] as const, ...SYNC_STATUSES.map((status) => [status, texts.statuses[status]] as const)];
  return (
    <FilterForm action={to(PATH)} list="list" query={query}>
      <TextFilter name="user" label={texts.user} query={query} isWide />
      <ChoiceFilter name="status" label={texts.columns.status} query={query} choices={choices} />
    </FilterForm>
  );
}

/** Returns the query of the API for that of the page: filters that leave few, so that any log is answered. */
export function apiQueryOf(query: URLSearchParams): Query {
  return {
    filter: filterText([
      ['username', 'eq', query.get('user')?.trim() ?? ''],
      ['status', 'eq', query.get('status') ?? ''],
    ]),
    per_page: PER_PAGE,
    page: query.get('page') ?? 1,
    cursor: query.get('cursor'),
  };
}
