import { OS_FAMILIES } from '../../domain/description/descriptor.js';
import type { ImageJson, ShortJson } from '../../wire/image.js';
import { Badge, type Tone } from '../parts/badge.js';
import { Empty } from '../parts/empty.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { Pager } from '../parts/pager.js';
import { Size } from '../parts/size.js';
import { type Column, Table } from '../parts/table.js';
import { TEXTS } from '../parts/texts.js';
import { When } from '../parts/when.js';
import type { Query } from '../visit/ask.js';
import type { Page, Screen, Visit } from '../visit/visit.js';

const { images: texts } = TEXTS;

const PER_PAGE = 50;
/** States that can be filtered by, and their tones. */
export const TONES: Readonly<Record<ImageJson['state'], Tone>> = {
  ok: 'good',
  incomplete: 'waiting',
  uploading: 'waiting',
  broken: 'bad',
  unknown: 'plain',
};
const STATES = Object.keys(TONES);
const FAMILIES = OS_FAMILIES;
const SIZES = ['1 GiB', '10 GiB', '100 GiB'];

/** The images of whoever has signed in. */
export const imagesScreen: Screen = { shows: { '/images': showImages } };

async function showImages(visit: Visit): Promise<Page> {
  const { ask, query, now, to } = visit;
  const answer = await ask.get<ImageJson[]>('/v2/user/image/vm', apiQueryOf(query));
  if (!answer.isGood) return { title: texts.title, status: answer.status, body: <Refusal detail={answer.detail} /> };
  const { data, meta } = answer;
  const isFiltered = ['name', 'state', 'family', 'size'].some((field) => (query.get(field) ?? '') !== '');
  const syncedOn = meta.index?.synced_on ?? null;
  return {
    title: texts.title,
    body: (
      <>
        <Filters query={query} to={to} />
        <p class="muted">
          {syncedOn === null ? (
            texts.neverSynced
          ) : (
            <>
              {texts.synced} <When time={syncedOn} now={now} />.
            </>
          )}
        </p>
        <section id="list" aria-live="polite">
          {data.length === 0 ? (
            <None isFiltered={isFiltered} to={to} />
          ) : (
            <Table caption={texts.list} columns={columnsOf(visit)} rows={data} query={query} />
          )}
          {meta.pages !== undefined && data.length > 0 && (
            <Pager pages={meta.pages} query={query} nouns={{ one: texts.one, many: texts.many }} />
          )}
        </section>
        <p>
          <a href={to('/why')}>{texts.notFound}</a>
        </p>
      </>
    ),
  };
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
            <code class="path" data-copy="">
              <Name text={image.path} />
            </code>
          </span>
        </>
      ),
    },
    { title: columns.state, cell: (image) => <Badge word={image.state} tone={TONES[image.state]} /> },
    { title: columns.system, cell: ({ ovf }) => <System ovf={ovf ?? null} /> },
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
function System({ ovf }: { readonly ovf: ShortJson | null }) {
  if (ovf === null || (ovf.family === null && ovf.os === null)) return <span class="none">–</span>;
  return <span title={ovf.os ?? undefined}>{ovf.family ?? ovf.os}</span>;
}

function Filters({ query, to }: { readonly query: URLSearchParams; readonly to: Visit['to'] }) {
  const select = (name: string, label: string, values: readonly string[]) => (
    <label>
      {label}
      <select name={name}>
        <option value="">{texts.any}</option>
        {values.map((value) => (
          <option selected={query.get(name) === value}>{value}</option>
        ))}
      </select>
    </label>
  );
  return (
    <form class="filters" action={to('/images')} data-filters="list">
      <label class="wide">
        {texts.name}
        <input name="name" type="search" value={query.get('name') ?? ''} autocomplete="off" spellcheck={false} />
      </label>
      {select('state', texts.state, STATES)}
      {select('family', texts.family, FAMILIES)}
      {select('size', texts.atLeast, SIZES)}
      {query.has('sort') && <input type="hidden" name="sort" value={query.get('sort') ?? ''} />}
      <button type="submit" class="quiet">
        {texts.apply}
      </button>
    </form>
  );
}

function None({ isFiltered, to }: { readonly isFiltered: boolean; readonly to: Visit['to'] }) {
  if (!isFiltered) {
    return (
      <Empty title={texts.none}>
        <p>{texts.noneText}</p>
      </Empty>
    );
  }
  return (
    <Empty title={texts.noMatch}>
      <p>{texts.noMatchText}</p>
      <p>
        <a href={to('/images')}>{texts.clear}</a>
      </p>
    </Empty>
  );
}

/** Returns the query of the API for that of the page. */
export function apiQueryOf(query: URLSearchParams): Query {
  const [gib = ''] = /^\d+(?= GiB$)/.exec(query.get('size') ?? '') ?? [];
  const filters = [
    ...['state', 'family'].flatMap((field) => {
      const value = query.get(field) ?? '';
      return value === '' ? [] : [`${field},eq,${value}`];
    }),
    ...(gib === '' ? [] : [`size,ge,${Number(gib) * 1_024 ** 3}`]),
  ];
  return {
    include: 'ovf',
    name: query.get('name'),
    filter: filters.join(';'),
    sort: query.get('sort'),
    per_page: PER_PAGE,
    page: query.get('page') ?? 1,
    cursor: query.get('cursor'),
  };
}
