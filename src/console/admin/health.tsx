import type { HealthJson } from '../../wire/daemon.js';
import { Badge } from '../parts/badge.js';
import { Copyable } from '../parts/copyable.js';
import { Facts } from '../parts/facts.js';
import { Name } from '../parts/name.js';
import { refused } from '../parts/refused.js';
import { Size } from '../parts/size.js';
import { Told } from '../parts/told.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Page, Screen, Visit } from '../visit/visit.js';
import { Audit, readAudit } from './audit.js';
import { Backups } from './backups.js';
import { Configuration } from './configuration.js';
import { Findings } from './findings.js';
import { VERDICT_TONES, verdictOf } from './words/daemon-words.js';

const { health: texts } = TEXTS.admin;

/** Enough to see what was done lately. */
const LATEST = 10;

/** How the daemon is doing, what it runs with, and what administrators have done lately. */
export const healthScreen: Screen = { shows: { '/admin/health': showHealth } };

async function showHealth(visit: Visit): Promise<Page> {
  const [health, audit] = await Promise.all([
    visit.ask.get<HealthJson>('/v2/admin/health'),
    readAudit(visit.ask, LATEST),
  ]);
  if (!health.isGood) return refused(texts.title, health);
  const { data } = health;
  return {
    title: texts.title,
    body: (
      <>
        <Standing health={data} now={visit.now} />
        <Findings to={visit.to} findings={data.findings} />
        <div class="cards wide">
          <Runs health={data} now={visit.now} />
          <Database database={data.database} />
          {data.cluster.length > 0 && <Cluster hosts={data.cluster} now={visit.now} />}
        </div>
        <Backups visit={visit} backups={data.backups} />
        <Configuration visit={visit} configuration={data.configuration} />
        <Audit visit={visit} audit={audit} />
        <Commands />
      </>
    ),
  };
}

/** The whole in a word, and each check. */
function Standing({ health, now }: { readonly health: HealthJson; readonly now: number }) {
  const verdict = verdictOf(health);
  const [word, text] = texts.verdicts[verdict];
  return (
    <section class="card">
      <h2>
        <Badge word={word} tone={VERDICT_TONES[verdict]} /> {text}
      </h2>
      <Facts
        facts={[
          ...health.checks.map((check) => [check.name, <Check check={check} />] as const),
          [texts.asOf, <When time={health.as_of} now={now} />],
        ]}
      />
    </section>
  );
}

function Runs({ health, now }: { readonly health: HealthJson; readonly now: number }) {
  return (
    <section class="card">
      <h2>{texts.program}</h2>
      <Facts
        facts={[
          [texts.version, health.version],
          [texts.runs, `Node ${health.node}, ${health.database.engine}`],
          [texts.started, <When time={health.started_on} now={now} />],
        ]}
      />
    </section>
  );
}

/** The hosts that share the index, and whether they are configured alike. */
function Cluster({ hosts, now }: { readonly hosts: HealthJson['cluster']; readonly now: number }) {
  return (
    <section class="card">
      <h2>{texts.hosts}</h2>
      <Facts
        facts={hosts.map(
          (each) =>
            [
              each.host,
              <>
                <HostBadge host={each} /> {each.roles.join(', ')}, {each.version}, {each.leads && `${texts.leads}, `}{' '}
                {texts.seen} <When time={each.seen_on} now={now} />
              </>,
            ] as const,
        )}
      />
    </section>
  );
}

function HostBadge({ host: { there, differs_in: differsIn } }: { readonly host: HealthJson['cluster'][number] }) {
  if (!there) return <Badge word={texts.silent} tone="bad" />;
  if (differsIn.length === 0) return <Badge word={texts.alike} tone="good" />;
  return <Badge word={`${texts.differs} ${differsIn.join(', ')}`} tone="waiting" />;
}

function Check({ check: { ok, required, detail } }: { readonly check: HealthJson['checks'][number] }) {
  if (ok) return <Badge word={texts.ok} tone="good" />;
  return (
    <>
      <Badge word={texts.failed} tone={required ? 'bad' : 'waiting'} /> {detail !== null && <Told text={detail} />}
    </>
  );
}

function Database({ database }: { readonly database: HealthJson['database'] }) {
  return (
    <section class="card">
      <h2>{texts.database}</h2>
      <Facts
        facts={[
          [texts.file, <Name text={database.file} />],
          [texts.size, <Size bytes={database.size} />],
          [texts.log, <Size bytes={database.wal_size} />],
          [texts.free, <Size bytes={database.free_size} />],
          [texts.schema, `${database.schema}`],
        ]}
      />
    </section>
  );
}

/** What only the machine itself can do, with the command for it. */
function Commands() {
  return (
    <section class="card commands">
      <h2>{texts.machine}</h2>
      <p>{texts.machineText}</p>
      <Facts facts={texts.commands.map(([command, does]) => [does, <Copyable text={command} />])} />
    </section>
  );
}
