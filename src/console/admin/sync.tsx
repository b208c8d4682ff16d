import { grouped } from '../../domain/text/counted.js';
import type { ClientAdminSyncJson, ClientSyncJson } from '../../wire/sync.js';
import { ActionButton } from '../parts/action-button.js';
import { Badge } from '../parts/badge.js';
import { Facts } from '../parts/facts.js';
import { Name } from '../parts/name.js';
import { sentence } from '../parts/notice.js';
import { refused } from '../parts/refused.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Outcome, Page, Screen, Visit } from '../visit/visit.js';
import { SyncProgress } from './running.js';
import { Said } from './said.js';
import { filterText } from './words/filter-text.js';
import { spacePage } from './words/places.js';
import { durationText, resultOf } from './words/sync-words.js';

const { syncs: texts } = TEXTS.admin;
const { columns } = texts;

const PATH = '/admin/syncs/:id';

/** A sync, as far as it is told. */
type SyncOfPage = ClientSyncJson & Partial<ClientAdminSyncJson>;

/** One sync: how far it is or how it ended, with all that it has said. */
export const syncScreen: Screen = { shows: { [PATH]: showSync }, acts: { [`${PATH}/cancel`]: cancel } };

async function showSync(visit: Visit, { id = '' }: Readonly<Record<string, string>>): Promise<Page> {
  const { ask, to } = visit;
  const title = `${texts.oneTitle} ${id}`;
  const [answer, listed] = await Promise.all([
    ask.get<ClientSyncJson>(`/v2/request/image_sync/${encodeURIComponent(id)}`),
    // The list says who asked for it; a long log is not searched by an id, and then nobody is named.
    ask.get<ClientAdminSyncJson[]>('/v2/admin/request', {
      filter: filterText([['id', 'eq', id]]),
      per_page: 1,
      page: 1,
    }),
  ]);
  if (!answer.isGood) return refused(title, answer);
  const sync: SyncOfPage = { ...answer.data, ...(listed.isGood ? listed.data[0] : {}) };
  return {
    title,
    body: (
      <>
        {sync.ended_on === null && <Standing visit={visit} sync={sync} />}
        <SyncFacts visit={visit} sync={sync} />
        <Lines title={texts.errors} lines={sync.message.errors} />
        <Lines title={texts.warnings} lines={sync.message.warnings} />
        <p>
          <a href={to('/admin/syncs')}>{texts.back}</a>
        </p>
      </>
    ),
  };
}

function Standing({ visit, sync }: { readonly visit: Visit; readonly sync: SyncOfPage }) {
  return (
    <section class="card">
      <h2>{texts.statuses[sync.status]}</h2>
      <SyncProgress sync={sync} />
      <p>{texts.cancelText}</p>
      <ActionButton visit={visit} action={`/admin/syncs/${sync.id}/cancel`} text={texts.cancel} kind="bad" />
    </section>
  );
}

function SyncFacts({ visit: { to, now }, sync }: { readonly visit: Visit; readonly sync: SyncOfPage }) {
  const { duration_seconds: duration = null, requested_by: by = null, trigger } = sync;
  return (
    <section class="card">
      <h2>{texts.facts}</h2>
      <Facts
        facts={[
          [
            columns.space,
            <a href={to(spacePage(sync.username))}>
              <Name text={sync.username} />
            </a>,
          ],
          [columns.status, <Badge {...resultOf(sync)} />],
          [columns.mode, texts.modes[sync.mode]],
          [columns.asked, trigger === undefined ? null : texts.triggers[trigger]],
          [texts.askedBy, by === null ? null : <Name text={by} />],
          [columns.started, <When time={sync.created_on} now={now} />],
          [texts.began, <When time={sync.started_on} now={now} />],
          [texts.ended, sync.ended_on === null ? null : <When time={sync.ended_on} now={now} />],
          [columns.duration, duration === null ? null : durationText(duration)],
          [columns.images, grouped(sync.images)],
          [columns.added, grouped(sync.added)],
          [columns.changed, grouped(sync.changed)],
          [columns.removed, grouped(sync.deleted)],
          [texts.listed, grouped(sync.collections)],
          [columns.failures, grouped(sync.failures)],
          [texts.requests, grouped(sync.requests)],
        ]}
      />
    </section>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <section class="card">
      <h2>{title}</h2>
      <ul>
        {lines.map((line) => (
          <li>
            <Said text={line} />
          </li>
        ))}
      </ul>
    </section>
  );
}

async function cancel(
  { ask }: Visit,
  _form: FormData,
  { id = '' }: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const answer = await ask.send('DELETE', `/v2/admin/request/${encodeURIComponent(id)}`);
  const goTo = '/admin/syncs';
  if (!answer.isGood) return { goTo, notice: { kind: 'trouble', text: sentence(answer.detail) } };
  return { goTo, notice: { kind: 'done', text: texts.cancelled } };
}
