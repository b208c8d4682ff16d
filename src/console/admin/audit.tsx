import { counted } from '../../domain/text/counted.js';
import { printable } from '../../domain/text/printable.js';
import type { AuditJson } from '../../wire/daemon.js';
import { Badge } from '../parts/badge.js';
import { Empty } from '../parts/empty.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { refused } from '../parts/refused.js';
import { type Column, Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Answer, Ask } from '../visit/ask.js';
import type { Page, Screen, Visit } from '../visit/visit.js';
import { detailsText } from './words/daemon-words.js';

const { audit: texts } = TEXTS.admin;

const PATH = '/admin/health/audit';
/** A screen or two; and as many as the API gives. */
const FEW = 100;
const MANY = 1_000;

/** What administrators have done, the newest first. */
export const auditScreen: Screen = { shows: { [PATH]: showAudit } };

export function readAudit(ask: Ask, limit: number): Promise<Answer<readonly AuditJson[]>> {
  return ask.get<readonly AuditJson[]>('/v2/admin/audit', { limit });
}

async function showAudit({ ask, query, now, to }: Visit): Promise<Page> {
  const limit = query.has('more') ? MANY : FEW;
  const answer = await readAudit(ask, limit);
  if (!answer.isGood) return refused(texts.pageTitle, answer);
  const { data } = answer;
  const isFull = data.length >= limit;
  return {
    title: texts.pageTitle,
    body: (
      <>
        {data.length > 0 && <p class="muted">{counted(data.length, texts.one, texts.many)}</p>}
        <Entries entries={data} now={now} />
        {isFull && limit < MANY && (
          <p>
            <a href={to(PATH, { more: 1 })}>{texts.more}</a>
          </p>
        )}
        {isFull && limit === MANY && <p class="muted">{texts.older}</p>}
        <p>
          <a href={to('/admin/health')}>{texts.back}</a>
        </p>
      </>
    ),
  };
}

/** The latest entries on another page, which stands without them if they can't be read. */
export function Audit({
  visit: { now, to },
  audit,
}: {
  readonly visit: Pick<Visit, 'now' | 'to'>;
  readonly audit: Answer<readonly AuditJson[]>;
}) {
  return (
    <>
      <h2>{texts.title}</h2>
      {audit.isGood ? (
        <>
          {audit.data.length > 0 && <p class="muted">{texts.latest}</p>}
          <Entries entries={audit.data} now={now} />
          <p>
            <a href={to(PATH)}>{texts.all}</a>
          </p>
        </>
      ) : (
        <Refusal detail={audit.detail} />
      )}
    </>
  );
}

function Entries({ entries, now }: { readonly entries: readonly AuditJson[]; readonly now: number }) {
  if (entries.length === 0) {
    return (
      <Empty title={texts.none}>
        <p>{texts.noneText}</p>
      </Empty>
    );
  }
  return <Table caption={texts.pageTitle} columns={columnsOf(now)} rows={entries} />;
}

function columnsOf(now: number): readonly Column<AuditJson>[] {
  const { columns } = texts;
  return [
    { title: columns.act, cell: ({ act }) => act },
    { title: columns.when, cell: ({ time }) => <When time={time} now={now} /> },
    {
      title: columns.details,
      cell: ({ details }) => {
        const text = detailsText(details);
        return text === '' ? <span class="none">–</span> : <bdi>{printable(text)}</bdi>;
      },
    },
    { title: columns.by, cell: ({ by }) => <Name text={by} /> },
    { title: columns.from, cell: ({ from, host }) => <Name text={host === null ? from : `${from} (${host})`} /> },
    {
      title: columns.outcome,
      cell: ({ outcome }) => <Badge word={printable(outcome)} tone={outcome === texts.done ? 'good' : 'waiting'} />,
    },
  ];
}
