import type { BackupJson, CopyJson, HealthJson } from '../../wire/daemon.js';
import { ActionButton } from '../parts/action-button.js';
import { Badge } from '../parts/badge.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Live } from '../parts/live.js';
import { Name } from '../parts/name.js';
import { Size } from '../parts/size.js';
import { type Column, Table } from '../parts/table.js';
import { Told } from '../parts/told.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Fragment, Outcome, Screen, Visit } from '../visit/visit.js';
import { backupNotice } from './words/daemon-words.js';

const { backups: texts } = TEXTS.admin;

type BackupsJson = HealthJson['backups'];

const ACT = '/admin/health/backup';
const TOPIC = 'backups';

/** Makes a backup, and follows one that is being made. */
export const backupsScreen: Screen = {
  acts: { [ACT]: backUp },
  lives: { [TOPIC]: { show: showBackups, isShared: true } },
};

async function backUp({ ask }: Visit): Promise<Outcome> {
  return { goTo: '/admin/health', notice: backupNotice(await ask.send<BackupJson>('POST', '/v2/admin/backup')) };
}

async function showBackups({ ask, now }: Visit): Promise<Fragment | null> {
  const health = await ask.get<HealthJson>('/v2/admin/health');
  return health.isGood ? fragmentOf(health.data.backups, now) : null;
}

/** Copies of the index, and the button for another one. */
export function Backups({ visit, backups }: { readonly visit: Visit; readonly backups: BackupsJson }) {
  return (
    <section class="card">
      <h2>{texts.title}</h2>
      <Live topic={TOPIC} fragment={fragmentOf(backups, visit.now)} />
      <p>{texts.nowText}</p>
      <div class="actions">
        <ActionButton visit={visit} action={ACT} text={texts.now} kind="quiet" />
      </div>
    </section>
  );
}

/** What is kept; it moves only while a backup is being made, and has no form, so that all may be shown the same. */
function fragmentOf(backups: BackupsJson, now: number): Fragment {
  const { running } = backups;
  const body = <Kept backups={backups} now={now} />;
  return running === null ? { body, say: texts.over, isOver: true } : { body };
}

function Kept({ backups, now }: { readonly backups: BackupsJson; readonly now: number }) {
  const { running, last_failure: failure, copies } = backups;
  return (
    <>
      <Facts
        facts={[
          [
            texts.running,
            running && (
              <>
                <Name text={running.name} />, {texts.since} <When time={running.started_on} now={now} />
              </>
            ),
          ],
          [
            texts.lastFailure,
            failure && (
              <>
                <When time={failure.failed_on} now={now} />: <Told text={failure.reason} />
              </>
            ),
          ],
          [texts.where, <Name text={backups.directory} />],
          [texts.keep, `${backups.keep}`],
        ]}
      />
      {copies.length === 0 ? (
        <Empty title={texts.none}>
          <p>{texts.noneText}</p>
        </Empty>
      ) : (
        <Table caption={texts.title} columns={columnsOf(now)} rows={copies} />
      )}
    </>
  );
}

function columnsOf(now: number): readonly Column<CopyJson>[] {
  const { columns } = texts;
  return [
    {
      title: columns.name,
      cell: ({ name, before_migration: isBefore }) => (
        <>
          <Name text={name} />
          {isBefore && <span class="sub">{texts.beforeMigration}</span>}
        </>
      ),
    },
    { title: columns.made, cell: ({ made_on: made }) => <When time={made} now={now} /> },
    { title: columns.size, isNumber: true, cell: ({ size }) => <Size bytes={size} /> },
    { title: columns.schema, isNumber: true, cell: ({ schema }) => schema ?? <span class="none">–</span> },
    {
      title: columns.result,
      cell: ({ valid, problem }) =>
        valid ? (
          <Badge word={texts.whole} tone="good" />
        ) : (
          <>
            <Badge word={texts.broken} tone="bad" /> {problem !== null && <Told text={problem} />}
          </>
        ),
    },
  ];
}
