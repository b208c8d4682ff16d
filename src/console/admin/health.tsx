import type { HealthCheck } from '../../http/handlers/health.js';
import type { OverviewJson } from '../../wire/overview.js';
import { Badge } from '../parts/badge.js';
import { Copyable } from '../parts/copyable.js';
import { Facts } from '../parts/facts.js';
import { refused } from '../parts/refused.js';
import { Size } from '../parts/size.js';
import { Table } from '../parts/table.js';
import { TEXTS } from '../parts/texts.js';
import { When } from '../parts/when.js';
import type { Ask } from '../visit/ask.js';
import type { Page, Screen, Visit } from '../visit/visit.js';
import { Attention } from './attention.js';
import { Said } from './said.js';
import { metricOf } from './words/metrics-text.js';

const { health: texts } = TEXTS.admin;

/** Whether the daemon is well, what runs, and where on its machine more is told. */
export const healthScreen: Screen = { shows: { '/admin/health': showHealth } };

async function showHealth(visit: Visit): Promise<Page> {
  const { ask, now, to } = visit;
  // Readiness is told to everybody; this page is for those whom the API tells the overview.
  const overview = await ask.get<OverviewJson>('/v2/admin/overview');
  if (!overview.isGood) return refused(texts.title, overview);
  const [checks, index, metrics] = await Promise.all([
    checksOf(ask),
    ask.get<{ readonly version: string }>('/v2/'),
    metricsOf(ask),
  ]);
  const startedAt = metricOf(metrics, 'process_start_time_seconds');
  const isReady = checks.every(({ ok, required }) => ok || !required);
  return {
    title: texts.title,
    body: (
      <>
        <Attention to={to} attention={overview.data.attention} />
        <section class="card">
          <h2>
            <Badge word={isReady ? texts.ready : texts.notReady} tone={isReady ? 'good' : 'bad'} />{' '}
            {isReady ? texts.readyText : texts.notReadyText}
          </h2>
          <Facts
            facts={[
              [texts.version, index.isGood ? index.data.version : null],
              [
                texts.started,
                startedAt === null ? null : <When time={new Date(startedAt * 1_000).toISOString()} now={now} />,
              ],
              [texts.memory, sizeOf(metricOf(metrics, 'process_resident_memory_bytes'))],
              [texts.index, sizeOf(metricOf(metrics, 'ovadex_index_bytes'))],
              [texts.log, sizeOf(metricOf(metrics, 'ovadex_index_wal_bytes'))],
            ]}
          />
        </section>
        <h2>{texts.checks}</h2>
        <Checks checks={checks} />
        <Commands />
      </>
    ),
  };
}

function sizeOf(bytes: number | null) {
  return bytes === null ? null : <Size bytes={bytes} />;
}

/** Returns the checks, also those of a daemon that isn't ready. */
async function checksOf(ask: Ask): Promise<readonly HealthCheck[]> {
  const response = await ask.raw('GET', '/readyz?verbose', { accept: 'application/json' });
  const { checks = [] } = (await response.json()) as { checks?: readonly HealthCheck[] };
  return checks;
}

/** Returns the metrics; nothing where they are served on another address. */
async function metricsOf(ask: Ask): Promise<string> {
  const response = await ask.raw('GET', '/metrics');
  const text = await response.text();
  return response.ok ? text : '';
}

function Checks({ checks }: { readonly checks: readonly HealthCheck[] }) {
  return (
    <Table
      caption={texts.checks}
      columns={[
        { title: texts.check, cell: ({ name }) => name },
        {
          title: texts.result,
          cell: ({ ok, required }) => {
            if (ok) return <Badge word={texts.ok} tone="good" />;
            return <Badge word={texts.failed} tone={required ? 'bad' : 'waiting'} />;
          },
        },
        {
          title: texts.why,
          cell: ({ detail }) => (detail === null ? <span class="none">–</span> : <Said text={detail} />),
        },
      ]}
      rows={checks}
    />
  );
}

/** What only the machine itself can tell or do, with the command for it. */
function Commands() {
  return (
    <section class="card commands">
      <h2>{texts.machine}</h2>
      <p>{texts.machineText}</p>
      <Facts facts={texts.commands.map(([command, does]) => [does, <Copyable text={command} />])} />
    </section>
  );
}
