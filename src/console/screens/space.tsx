import { counted } from '../../domain/text/counted.js';
import type { LinkJson } from '../../wire/link.js';
import type { OwnSpaceJson } from '../../wire/space.js';
import type { SyncJson } from '../../wire/sync.js';
import type { ClientTokenJson } from '../../wire/token.js';
import { ActForm } from '../parts/act-form.js';
import { Badge, type Tone } from '../parts/badge.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { refused } from '../parts/refused.js';
import { resultText, SYNC_TONES, Troubles } from '../parts/sync-progress.js';
import { type Column, Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer } from '../visit/ask.js';
import type { Page, Visit } from '../visit/visit.js';
import { LinkSection } from './link-section.js';
import type { SpaceDraft } from './space-draft.js';
import { TokenSection } from './token-section.js';

const { space: texts } = TEXTS;

/** As many as show whether a trouble is new. */
const SYNCS_SHOWN = 5;
const TOKENS_A_PAGE = 20;
const TONES: Readonly<Record<OwnSpaceJson['state'], Tone>> = {
  pending: 'waiting',
  fresh: 'good',
  stale: 'waiting',
  failing: 'bad',
  held: 'waiting',
  suspended: 'bad',
};

/** Shows the own space: how it is, how it is connected, its latest syncs, the tokens. */
export async function showSpace(visit: Visit, draft: SpaceDraft | null = null): Promise<Page> {
  const { ask, query } = visit;
  const place = { per_page: TOKENS_A_PAGE, page: query.get('page') ?? 1, cursor: query.get('cursor') };
  const [who, link, syncs, tokens] = await Promise.all([
    ask.get<{ readonly space: OwnSpaceJson | null }>('/v2/user'),
    ask.get<LinkJson>('/v2/user/space/link'),
    ask.get<SyncJson[]>('/v2/request/image_sync', { per_page: SYNCS_SHOWN }),
    ask.get<ClientTokenJson[]>('/v2/user/token', place),
  ]);
  if (!who.isGood) return refused(texts.title, who);
  const { space } = who.data;
  const of = (part: 'link' | 'token') =>
    draft !== null && (draft.token === undefined) === (part === 'link') ? draft : null;
  return {
    title: texts.title,
    status: draft?.status ?? 200,
    body: (
      <>
        <div id="own">
          {space === null ? <NoSpace link={link} /> : <Condition {...{ space, visit }} />}
          {/* 404: there is nothing that users may connect. */}
          {(link.isGood || link.status !== 404) && <LinkSection {...{ link, visit }} draft={of('link')} />}
        </div>
        {space !== null && <Syncs {...{ syncs, visit }} />}
        <TokenSection {...{ tokens, visit }} draft={of('token')} />
      </>
    ),
  };
}

function NoSpace({ link }: { readonly link: Answer<LinkJson> }) {
  return (
    <Empty title={texts.none}>
      <p>{link.isGood ? TEXTS.images.noSpaceText : TEXTS.images.noSpaceAtAllText}</p>
    </Empty>
  );
}

/** When something is due; a time that has passed is one whose turn comes next. */
function Due({ time, now }: { readonly time: string; readonly now: number }) {
  return Date.parse(time) <= now ? <span>{texts.soon}</span> : <When time={time} now={now} />;
}

function Condition({ space, visit }: { readonly space: OwnSpaceJson; readonly visit: Visit }) {
  const [word, meaning] = texts.states[space.state];
  const { one, many } = TEXTS.images;
  return (
    <section class="card" aria-label={texts.state}>
      <p>
        <Badge word={word} tone={TONES[space.state]} /> – {meaning}
      </p>
      <Facts
        facts={[
          [texts.storage, <Name text={space.url} />],
          [texts.synced, <When time={space.synced_on} now={visit.now} />],
          [texts.next, space.next_sync_on === null ? null : <Due time={space.next_sync_on} now={visit.now} />],
          [texts.images, <a href={visit.to('/images')}>{counted(space.images, one, many)}</a>],
        ]}
      />
      <div class="actions">
        <ActForm visit={visit} action="/images/look">
          <button type="submit" class="quiet">
            {TEXTS.images.sync}
          </button>
        </ActForm>
        <a href={visit.to('/why')}>{TEXTS.images.notFound}</a>
      </div>
    </section>
  );
}

function Syncs({ syncs, visit }: { readonly syncs: Answer<SyncJson[]>; readonly visit: Visit }) {
  const { syncs: words } = TEXTS;
  const columns: readonly Column<SyncJson>[] = [
    {
      title: words.columns.when,
      cell: (sync) => <When time={sync.started_on ?? sync.created_on} now={visit.now} />,
    },
    {
      title: words.columns.state,
      cell: (sync) => {
        const badge = <Badge word={words.states[sync.status]} tone={SYNC_TONES[sync.status]} />;
        return sync.ended_on === null ? <a href={visit.to('/images', { sync: sync.id })}>{badge}</a> : badge;
      },
    },
    { title: words.columns.found, cell: (sync) => resultText(sync) },
    {
      title: words.columns.trouble,
      cell: (sync) =>
        sync.message.errors.length + sync.message.warnings.length === 0 ? (
          <span class="none">–</span>
        ) : (
          <Troubles sync={sync} />
        ),
    },
  ];
  return (
    <section>
      <h2>{words.title}</h2>
      {!syncs.isGood && <Refusal detail={syncs.detail} />}
      {syncs.isGood && syncs.data.length === 0 && <p class="muted">{words.none}</p>}
      {syncs.isGood && syncs.data.length > 0 && <Table caption={words.title} columns={columns} rows={syncs.data} />}
    </section>
  );
}
