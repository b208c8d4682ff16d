import { grouped } from '../../domain/text/counted.js';
import type { ClientAdminSyncJson, ClientSyncJson } from '../../wire/sync.js';
import type { Column } from '../parts/table.js';
import { TEXTS } from '../texts/texts.js';
import { durationText, progressOf } from './words/sync-words.js';

const { syncs: texts } = TEXTS.admin;
const { columns } = texts;

/** How far a sync has come, as a bar and in words. */
export function SyncProgress({ sync }: { readonly sync: ClientSyncJson }) {
  const { text, bar } = progressOf(sync);
  return (
    <>
      {text}
      {bar !== null && <progress value={bar.done} max={Math.max(1, bar.all)} aria-label={columns.progress} />}
    </>
  );
}

/** Columns of syncs that run. They have no form, so that all who look may be shown the same. */
export const RUNNING_COLUMNS: readonly Column<ClientAdminSyncJson>[] = [
  { title: columns.progress, cell: (sync) => <SyncProgress sync={sync} /> },
  { title: columns.images, isNumber: true, cell: ({ images }) => grouped(images) },
  { title: columns.rate, isNumber: true, cell: (sync) => grouped(sync.collections_per_second ?? 0) },
  {
    title: columns.left,
    isNumber: true,
    cell: ({ seconds_left: left }) => (left === null ? texts.unknown : durationText(left)),
  },
];
