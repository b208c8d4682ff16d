import type { ClientAdminSyncJson } from '../../wire/sync.js';
import { Plot } from '../parts/plot.js';
import { TEXTS } from '../texts/texts.js';
import { durationText } from './words/sync-words.js';

const {
  space: texts,
  syncs: { columns },
} = TEXTS.admin;

/** The syncs of a space over time as the table of this id has them: how long each took, and what it found. */
export function SyncPlots({
  syncs,
  table,
}: {
  readonly syncs: readonly ClientAdminSyncJson[];
  readonly table: string;
}) {
  const ended = syncs.filter(({ ended_on: end }) => end !== null);
  if (ended.length < 2) return null;
  const valuesOf = (value: (sync: ClientAdminSyncJson) => number) => ended.map(value);
  const of = { table, bad: columns.status };
  return (
    <div class="plotted">
      <div class="plots">
        <Plot
          {...of}
          column={columns.duration}
          title={texts.plots.duration}
          unit="seconds"
          values={valuesOf((sync) => sync.duration_seconds ?? 0)}
          format={durationText}
        />
        <Plot {...of} column={columns.added} title={texts.plots.added} values={valuesOf(({ added }) => added)} />
        <Plot
          {...of}
          column={columns.removed}
          title={texts.plots.removed}
          values={valuesOf(({ deleted }) => deleted)}
        />
        <Plot
          {...of}
          column={columns.failures}
          title={texts.plots.failures}
          values={valuesOf(({ failures }) => failures)}
        />
      </div>
      <p class="muted">{texts.badSyncs}</p>
    </div>
  );
}
