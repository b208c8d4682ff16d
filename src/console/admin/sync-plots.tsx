import type { ClientAdminSyncJson } from '../../wire/sync.js';
import { Plot } from '../parts/plot.js';
import { TEXTS } from '../parts/texts.js';
import { agoOf } from '../parts/when.js';
import { durationText } from './words/sync-words.js';

const { space: texts } = TEXTS.admin;

/** The syncs of a space over time, given with the newest first: how long each took, and what it found. */
export function SyncPlots({ syncs, now }: { readonly syncs: readonly ClientAdminSyncJson[]; readonly now: number }) {
  const ended = syncs.filter(({ ended_on: end }) => end !== null).toReversed();
  if (ended.length < 2) return null;
  const pointsOf = (value: (sync: ClientAdminSyncJson) => number) =>
    ended.map((sync) => ({
      label: agoOf(Date.parse(sync.created_on), now),
      value: value(sync),
      isBad: sync.status === 'ERROR',
    }));
  return (
    <>
      <div class="plots">
        <Plot
          title={texts.plots.duration}
          points={pointsOf((sync) => sync.duration_seconds ?? 0)}
          format={durationText}
        />
        <Plot title={texts.plots.added} points={pointsOf(({ added }) => added)} />
        <Plot title={texts.plots.removed} points={pointsOf(({ deleted }) => deleted)} />
        <Plot title={texts.plots.failures} points={pointsOf(({ failures }) => failures)} />
      </div>
      <p class="muted">{texts.badSyncs}</p>
    </>
  );
}
