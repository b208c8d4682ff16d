import { grouped } from '../../domain/text/counted.js';
import type { HourJson, OverviewJson, StockJson, StorageRequestsJson } from '../../wire/overview.js';
import { Plot, thinned } from '../parts/plot.js';
import { Size, sizeText } from '../parts/size.js';
import { Table } from '../parts/table.js';
import { TEXTS } from '../parts/texts.js';
import { agoOf, When } from '../parts/when.js';
import { withinSeconds } from './words/latency.js';

const { overview: texts, plot } = TEXTS.admin;

/** As many points as a drawing shows apart, and as rows that anybody reads. */
const MOST_POINTS = 120;

/** The syncs of the last two days by hour, drawn and as a table. */
export function Hours({ hours, now }: { readonly hours: readonly HourJson[]; readonly now: number }) {
  const label = ({ hour }: HourJson) => agoOf(Date.parse(hour), now);
  return (
    <>
      <h2>{texts.hours}</h2>
      <div class="plots">
        <Plot
          title={texts.syncs}
          points={hours.map((hour) => ({ label: label(hour), value: hour.syncs, isBad: hour.failed > 0 }))}
        />
        <Plot title={texts.added} points={hours.map((hour) => ({ label: label(hour), value: hour.added }))} />
        <Plot title={texts.gone} points={hours.map((hour) => ({ label: label(hour), value: hour.deleted }))} />
      </div>
      <p class="muted">{texts.badHours}</p>
      <details>
        <summary>{plot.table}</summary>
        <Table
          caption={texts.hours}
          columns={[
            { title: texts.hour, cell: ({ hour }) => <When time={hour} now={now} /> },
            { title: texts.syncs, isNumber: true, cell: ({ syncs }) => grouped(syncs) },
            { title: texts.failed, isNumber: true, cell: ({ failed }) => grouped(failed) },
            { title: texts.added, isNumber: true, cell: ({ added }) => grouped(added) },
            { title: texts.gone, isNumber: true, cell: ({ deleted }) => grouped(deleted) },
          ]}
          rows={hours.toReversed()}
        />
      </details>
    </>
  );
}

/** Images and bytes over all the time that was counted, drawn and as a table. */
export function Stock({ history, now }: { readonly history: readonly StockJson[]; readonly now: number }) {
  const points = thinned(history, MOST_POINTS);
  const label = ({ hour }: StockJson) => agoOf(Date.parse(hour), now);
  return (
    <>
      <h2>{texts.stock}</h2>
      {points.length < 2 ? (
        <p class="muted">{texts.noHistory}</p>
      ) : (
        <>
          <div class="plots">
            <Plot
              kind="area"
              title={texts.images}
              points={points.map((point) => ({ label: label(point), value: point.images }))}
            />
            <Plot
              kind="area"
              title={texts.size}
              format={sizeText}
              points={points.map((point) => ({ label: label(point), value: point.size }))}
            />
          </div>
          <details>
            <summary>{plot.table}</summary>
            <Table
              caption={texts.stock}
              columns={[
                { title: texts.hour, cell: ({ hour }) => <When time={hour} now={now} /> },
                { title: texts.spaces, isNumber: true, cell: ({ spaces }) => grouped(spaces) },
                { title: texts.images, isNumber: true, cell: ({ images }) => grouped(images) },
                { title: texts.size, isNumber: true, cell: ({ size }) => <Size bytes={size} /> },
              ]}
              rows={points.toReversed()}
            />
          </details>
        </>
      )}
    </>
  );
}

/** How requests to storages went since the daemon's start, and how long they took. */
export function StorageRequests({ requests }: { readonly requests: OverviewJson['storage_requests'] }) {
  const outcomes = Object.entries(requests.outcomes).sort(([, a], [, b]) => b - a);
  return (
    <>
      <h2>{texts.requests}</h2>
      {outcomes.length === 0 ? (
        <p class="muted">{texts.noRequests}</p>
      ) : (
        <>
          <p>{latencyText(requests)}</p>
          <Table
            caption={texts.requests}
            columns={[
              { title: texts.outcome, cell: ([outcome]) => outcome },
              { title: texts.count, isNumber: true, cell: ([, count]) => grouped(count) },
            ]}
            rows={outcomes}
          />
        </>
      )}
    </>
  );
}

function latencyText({ latency }: StorageRequestsJson): string {
  const told = ([share, words]: readonly [number, string]) => {
    const seconds = withinSeconds(latency, share);
    return seconds === null ? null : `${words} ${grouped(seconds)} s`;
  };
  const parts = (
    [
      [0.5, texts.half],
      [0.95, texts.most],
    ] as const
  )
    .map(told)
    .filter((part) => part !== null);
  return parts.length === 0 ? texts.slow : `${parts.join(', ')}.`;
}
