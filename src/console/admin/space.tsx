import { printable } from '../../domain/text/printable.js';
import type { SpaceDetailsJson } from '../../wire/space.js';
import type { ClientAdminSyncJson } from '../../wire/sync.js';
import { Empty } from '../parts/empty.js';
import { Refusal } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { TEXTS } from '../texts/texts.js';
import type { Act, Page, Screen, Visit } from '../visit/visit.js';
import { actedNotice, actOnSpaces, SPACE_ACTS, type SpaceAct } from './act-on-spaces.js';
import { Failures, SpaceCondition } from './space-condition.js';
import { Evidence, SpaceFacts } from './space-facts.js';
import { ASKED_COLUMNS, COUNT_COLUMNS, resultColumns } from './sync-columns.js';
import { SyncPlots } from './sync-plots.js';
import { filterText } from './words/filter-text.js';
import { spaceOfApi, spacePage } from './words/places.js';

const { space: texts } = TEXTS.admin;

/** Half a day of syncs at a quarter of an hour each. */
const SYNCS = 50;

/** One space: its condition in words, what is known of it, and its syncs. */
export const spaceScreen: Screen = {
  shows: { '/admin/spaces/:user': showSpace },
  acts: Object.fromEntries(SPACE_ACTS.map((act) => [`/admin/spaces/:user/${act}`, acting(act)])),
};

function acting(act: SpaceAct): Act {
  return async ({ ask }, _form, { user = '' }) => ({
    goTo: spacePage(user),
    notice: actedNotice(act, await actOnSpaces(ask, act, [user])),
  });
}

async function showSpace(visit: Visit, { user = '' }: Readonly<Record<string, string>>): Promise<Page> {
  const { ask, now, to } = visit;
  const title = `${texts.of} ${printable(user)}`;
  const [space, syncs] = await Promise.all([
    ask.get<SpaceDetailsJson>(spaceOfApi(user)),
    ask.get<ClientAdminSyncJson[]>('/v2/admin/request', {
      filter: filterText([['username', 'eq', user]]),
      per_page: SYNCS,
      page: 1,
    }),
  ]);
  if (!space.isGood) return { title, status: space.status, body: <Refusal detail={space.detail} /> };
  return {
    title,
    body: (
      <>
        <SpaceCondition visit={visit} space={space.data} />
        <Failures space={space.data} />
        <SpaceFacts space={space.data} now={now} />
        <Evidence space={space.data} />
        <h2>{texts.syncs}</h2>
        {syncs.isGood ? <SpaceSyncs visit={visit} syncs={syncs.data} /> : <Refusal detail={syncs.detail} />}
        <p>
          <a href={to('/admin/syncs', { user })}>{texts.allSyncs}</a>
          {' · '}
          <a href={to('/admin/search', { user })}>{texts.allImages}</a>
        </p>
        <h2>{texts.leave}</h2>
        <p>
          {texts.leaveText} <a href={to('/admin/forget', { user })}>{texts.forget}</a>
        </p>
      </>
    ),
  };
}

function SpaceSyncs({ visit, syncs }: { readonly visit: Visit; readonly syncs: readonly ClientAdminSyncJson[] }) {
  if (syncs.length === 0) {
    return (
      <Empty title={texts.noSyncs}>
        <p>{texts.noSyncsText}</p>
      </Empty>
    );
  }
  return (
    <>
      <SyncPlots syncs={syncs} table="syncs" />
      <Table
        id="syncs"
        caption={texts.syncs}
        columns={[...resultColumns(visit), ...ASKED_COLUMNS, ...COUNT_COLUMNS]}
        rows={syncs}
      />
    </>
  );
}
