import type { ImageJson } from '../../wire/image.js';
import type { SyncJson, SyncTicketJson } from '../../wire/sync.js';
import { ActForm } from '../parts/act-form.js';
import { Copyable } from '../parts/copyable.js';
import { Empty, NoRows } from '../parts/empty.js';
import { Live } from '../parts/live.js';
import { Machine } from '../parts/machine.js';
import { Name } from '../parts/name.js';
import { sentence } from '../parts/notice.js';
import { Pager } from '../parts/pager.js';
import { refused } from '../parts/refused.js';
import { Size } from '../parts/size.js';
import { State } from '../parts/state.js';
import { isEnded, SyncProgress, saidOf } from '../parts/sync-progress.js';
import { type Column, Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import { queryText } from '../visit/ask.js';
import { CONTENT_HEADERS } from '../visit/content-headers.js';
import type { Fragment, Outcome, Page, Screen, Visit } from '../visit/visit.js';
import { chosenOf, filtersOf, ImageFilters, isFiltered } from './image-filters.js';

const { images: texts } = TEXTS;

const PER_PAGE = 50;
const LIST = '/v2/user/image/vm';
/** Files of the list: the name's ending, and the type that the API is asked for. */
const DOWNLOADS = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;
type Download = keyof typeof DOWNLOADS;

/** The images of whoever has signed in. */
export const imagesScreen: Screen = {
  shows: { '/images': showImages },
  acts: { '/images/look': lookAgain },
  sends: {
    '/images.csv': (visit) => download(visit, 'csv'),
    '/images.ndjson': (visit) => download(visit, 'ndjson'),
  },
  lives: { sync: { show: showSync } },
};

async function showImages(visit: Visit): Promise<Page> {
  const { ask, query, now, to } = visit;
  const place = { per_page: PER_PAGE, page: query.get('page') ?? 1, cursor: query.get('cursor') };
  const [answer, progress] = await Promise.all([
    ask.get<ImageJson[]>(LIST, { ...filtersOf(query), ...place }),
    showSync(visit, query.get('sync') ?? ''),
  ]);
  if (!answer.isGood) return refused(texts.title, answer);
  const { data, meta } = answer;
  const { state = 'none', synced_on: syncedOn = null } = meta.index ?? {};
  if (state === 'none' || state === 'unlinked') return { title: texts.title, body: <NoSpace {...{ state, to }} /> };
  const { pages } = meta;
  return {
    title: texts.title,
    body: (
      <>
        <ImageFilters query={query} to={to} />
        {progress !== null && <Progress {...{ progress, visit }} />}
        <section id="list" aria-label={texts.list}>
          <div class="meta">
            <p class="muted">
              {syncedOn === null ? (
                texts.neverSynced
              ) : (
                <>
                  {texts.synced} <When time={syncedOn} now={now} />.
                </>
              )}
            </p>
            <ActForm visit={visit} action="/images/look">
              <Chosen query={query} />
              <button type="submit" id="look" class="quiet">
                {texts.sync}
              </button>
            </ActForm>
          </div>
          {data.length === 0 ? (
            <None {...{ query, to }} />
          ) : (
            <Table caption={texts.list} columns={columnsOf(visit)} rows={data} query={query} />
          )}
          {pages !== undefined && data.length > 0 && (
            <Pager pages={pages} query={query} nouns={{ one: texts.one, many: texts.many }} />
          )}
          {data.length > 0 && <Downloads {...{ query, to }} />}
        </section>
        <p>
          <a href={to('/why')}>{texts.notFound}</a>
        </p>
      </>
    ),
  };
}

/** A sync that was asked for: with scripts it moves by itself, without one looks again. */
function Progress({ progress, visit }: { readonly progress: Fragment; readonly visit: Visit }) {
  const { query, to } = visit;
  return (
    <>
      <Live topic={`sync:${query.get('sync') ?? ''}`} fragment={progress} refreshes="list" />
      {progress.isOver !== true && (
        <noscript>
          <p>
            <a href={to('/images', { ...chosenOf(query), sync: query.get('sync') })}>{TEXTS.syncs.far}</a>
          </p>
        </noscript>
      )}
    </>
  );
}

async function showSync({ ask }: Visit, id: string): Promise<Fragment | null> {
  if (!/^\d+$/.test(id)) return null;
  const answer = await ask.get<SyncJson>(`/v2/request/image_sync/${id}`);
  if (!answer.isGood) return null;
  const { data: sync } = answer;
  return { body: <SyncProgress sync={sync} />, say: saidOf(sync), isOver: isEnded(sync) };
}

/** What the list is narrowed by, which a form brings back. */
function Chosen({ query }: Pick<Visit, 'query'>) {
  return (
    <>
      {Object.entries(chosenOf(query)).map(
        ([name, value]) => value !== null && <input type="hidden" name={name} value={`${value}`} />,
      )}
    </>
  );
}

async function lookAgain({ ask }: Visit, form: FormData): Promise<Outcome> {
  const answer = await ask.send<SyncTicketJson>('PATCH', LIST);
  const fields = [...form].filter((field): field is [string, string] => typeof field[1] === 'string');
  const chosen = chosenOf(new URLSearchParams(fields));
  const place = (sync: number | null) => `/images${queryText({ ...chosen, sync })}`;
  if (answer.isGood) return { goTo: place(answer.data.request.id) };
  return { goTo: place(null), notice: { kind: 'trouble', text: sentence(answer.detail) } };
}

/** Sends the list through as the API streams it, as a file. */
async function download({ ask, query }: Visit, kind: Download): Promise<Response | Page> {
  const response = await ask.raw('GET', LIST, { accept: DOWNLOADS[kind] }, filtersOf(query));
  if (!response.ok) {
    const { detail = '' } = (await response.json()) as { readonly detail?: string };
    return refused(texts.title, { isGood: false, status: response.status, detail });
  }
  const headers = {
    ...CONTENT_HEADERS,
    'Content-Type': response.headers.get('content-type') ?? DOWNLOADS[kind],
    'Content-Disposition': `attachment; filename="images.${kind}"`,
  };
  return new Response(response.body, { headers });
}

function columnsOf({ now, to }: Visit): readonly Column<ImageJson>[] {
  const { columns } = texts;
  return [
    {
      title: columns.name,
      sort: 'name',
      cell: (image) => (
        <>
          <a href={to(`/images/${image.id}`)}>
            <Name text={image.name} />
          </a>
          <span class="sub">
            <Copyable text={image.path} />
          </span>
        </>
      ),
    },
    { title: columns.state, cell: (image) => <State state={image.state} /> },
    { title: columns.system, sort: 'family', cell: (image) => <System image={image} /> },
    { title: columns.hardware, sort: 'memory_mib', cell: ({ ovf }) => <Machine hardware={ovf ?? null} /> },
    { title: columns.size, sort: 'size', isNumber: true, cell: (image) => <Size bytes={image.size} /> },
    {
      title: columns.modified,
      sort: 'updated_on',
      isNumber: true,
      cell: (image) => <When time={image.modified_on ?? image.updated_on} now={now} />,
    },
  ];
}

/** What a machine runs, in a word, with its exact name in a tooltip. */
function System({ image: { ovf = null } }: { readonly image: ImageJson }) {
  if (ovf === null || (ovf.family === null && ovf.os === null)) return <span class="none">–</span>;
  return <span title={ovf.os ?? undefined}>{ovf.family ?? ovf.os}</span>;
}

function Downloads({ query, to }: Pick<Visit, 'query' | 'to'>) {
  return (
    <p class="muted">
      {texts.download}{' '}
      <a href={to('/images.csv', chosenOf(query))} download="images.csv">
        CSV
      </a>
      ,{' '}
      <a href={to('/images.ndjson', chosenOf(query))} download="images.ndjson">
        NDJSON
      </a>
    </p>
  );
}

function None({ query, to }: Pick<Visit, 'query' | 'to'>) {
  const name = query.get('name') ?? '';
  return (
    <NoRows texts={texts} isFiltered={isFiltered(query)} whole={to('/images')}>
      {name !== '' && (
        <>
          {' · '}
          <a href={to('/why', { q: name })}>{TEXTS.why.title}</a>
        </>
      )}
    </NoRows>
  );
}

function NoSpace({ state, to }: { readonly state: string; readonly to: Visit['to'] }) {
  if (state === 'none') {
    return (
      <Empty title={TEXTS.space.none}>
        <p>{texts.noSpaceAtAllText}</p>
      </Empty>
    );
  }
  return (
    <Empty title={texts.noSpace}>
      <p>{texts.noSpaceText}</p>
      <p>
        <a class="button" href={to('/space')}>
          {texts.connect}
        </a>
      </p>
    </Empty>
  );
}
