import { grouped } from '../../domain/text/counted.js';
import { printable } from '../../domain/text/printable.js';
import type { ClientAdminSyncJson } from '../../wire/sync.js';
import { Badge } from '../parts/badge.js';
import { Name } from '../parts/name.js';
import type { Column } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Visit } from '../visit/visit.js';
import { Said } from './said.js';
import { spacePage } from './words/places.js';
import { durationText, resultOf } from './words/sync-words.js';

const { syncs: texts } = TEXTS.admin;
const { columns } = texts;

type SyncColumn = Column<ClientAdminSyncJson>;

/** The way to all that is known of a sync, where it can be cancelled. */
export function linkColumn({ to }: Pick<Visit, 'to'>): SyncColumn {
  return {
    title: columns.more,
    cell: ({ id, username }) => (
      <a href={to(`/admin/syncs/${id}`)} aria-label={`${texts.lookAt} ${id}: ${printable(username)}`}>
        {texts.details}
      </a>
    ),
  };
}

/** When it was asked for, and its result with the first thing that went wrong. */
export function resultColumns({ now, to }: Pick<Visit, 'now' | 'to'>): readonly SyncColumn[] {
  return [
    {
      title: columns.started,
      cell: (sync) => (
        <a href={to(`/admin/syncs/${sync.id}`)}>
          <When time={sync.created_on} now={now} />
        </a>
      ),
    },
    { title: columns.status, cell: (sync) => <Result sync={sync} /> },
  ];
}

function Result({ sync }: { readonly sync: ClientAdminSyncJson }) {
  const { word, tone } = resultOf(sync);
  const [trouble] = [...sync.message.errors, ...sync.message.warnings];
  return (
    <>
      <Badge word={word} tone={tone} />
      {trouble !== undefined && (
        <span class="sub">
          <Said text={trouble} />
        </span>
      )}
    </>
  );
}

export const ASKED_COLUMNS: readonly SyncColumn[] = [
  {
    title: columns.asked,
    cell: ({ mode, trigger, requested_by: by }) => (
      <>
        {texts.modes[mode]}
        <span class="sub">
          {texts.triggers[trigger]}
          {by !== null && (
            <>
              {' '}
              {texts.by} <Name text={by} />
            </>
          )}
        </span>
      </>
    ),
  },
];

/** What it took and what it found; the values that a plot shows are those of `data`. */
export const COUNT_COLUMNS: readonly SyncColumn[] = [
  {
    title: columns.duration,
    isNumber: true,
    cell: ({ duration_seconds: seconds }) =>
      seconds === null ? <span class="none">–</span> : <data value={`${seconds}`}>{durationText(seconds)}</data>,
  },
  ...(['images', 'added', 'changed', 'deleted', 'failures'] as const).map((field): SyncColumn => {
    const title = columns[field === 'deleted' ? 'removed' : field];
    return { title, isNumber: true, cell: (sync) => <data value={`${sync[field]}`}>{grouped(sync[field])}</data> };
  }),
];

export function spaceColumn({ to }: Pick<Visit, 'to'>): SyncColumn {
  return {
    title: columns.space,
    cell: ({ username }) => (
      <a href={to(spacePage(username))}>
        <Name text={username} />
      </a>
    ),
  };
}
