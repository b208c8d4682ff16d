import { grouped } from '../../domain/text/counted.js';
import type { HourJson, OverviewJson, StockJson, StorageRequestsJson } from '../../wire/overview.js';
import { BehindPlots, Plot, thinned, Value } from '../parts/plot.js';
import { Size, sizeText } from '../parts/size.js';
import { Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import { withinSeconds } from './words/latency.js';

const { overview: texts } = TEXTS.admin;

/** As many points as a drawing shows apart, and as rows that anybody reads. */
const MOST_POINTS = 120;

/** The syncs of the last two days by hour, drawn and as a table. */
export function Hours({ hours, now }: { readonly hours: readonly HourJson[]; readonly now: number }) {
  const of = { table: 'hours', bad: texts.failed };
  return (
    <>
      <h2>{texts.hours}</h2>
      <div class="plotted">
        <div class="plots">
          <Plot {...of} column={texts.syncs} values={hours.map(({ syncs }) => syncs)} />
          <Plot {...of} column={texts.added} values={hours.map(({ added }) => added)} />
          <Plot {...of} column={texts.gone} values={hours.map(({ deleted }) => deleted)} />
        </div>
        <p class="muted">{texts.badHours}</p>
      </div>
      <BehindPlots>
        <Table
          id="hours"
          caption={texts.hours}
          columns={[
            { title: texts.hour, cell: ({ hour }) => <When time={hour} now={now} /> },
            { title: texts.syncs, isNumber: true, cell: ({ syncs }) => <Value of={syncs} /> },
            { title: texts.failed, isNumber: true, cell: ({ failed }) => <Value of={failed} /> },
            { title: texts.added, isNumber: true, cell: ({ added }) => <Value of={added} /> },
            { title: texts.gone, isNumber: true, cell: ({ deleted }) => <Value of={deleted} /> },
          ]}
          rows={hours.toReversed()}
        />
      </BehindPlots>
    </>
  );
}

/** Images and bytes over all the time that was counted, drawn and as a table. */
export function Stock({ history, now }: { readonly history: readonly StockJson[]; readonly now: number }) {
  const points = thinned(history, MOST_POINTS);
  const of = { table: 'stock', kind: 'area' } as const;
  return (
    <>
      <h2>{texts.stock}</h2>
      {points.length < 2 ? (
        <p class="muted">{texts.noHistory}</p>
      ) : (
        <>
          <div class="plots plotted">
            <Plot {...of} column={texts.images} values={points.map(({ images }) => images)} />
            <Plot {...of} column={texts.size} unit="bytes" values={points.map(({ size }) => size)} format={sizeText} />
          </div>
          <BehindPlots>
            <Table
              id="stock"
              caption={texts.stock}
              columns={[
                { title: texts.hour, cell: ({ hour }) => <When time={hour} now={now} /> },
                { title: texts.spaces, isNumber: true, cell: ({ spaces }) => grouped(spaces) },
                { title: texts.images, isNumber: true, cell: ({ images }) => <Value of={images} /> },
                {
                  title: texts.size,
                  isNumber: true,
                  cell: ({ size }) => <Value of={size} format={(bytes) => <Size bytes={bytes} />} />,
                },
              ]}
              rows={points.toReversed()}
            />
          </BehindPlots>
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
