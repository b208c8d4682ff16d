import type { Finding } from '../../domain/diagnosis/finding.js';
import { counted } from '../../domain/text/counted.js';
import { Badge } from '../parts/badge.js';
import { Name } from '../parts/name.js';
import { type Column, Table } from '../parts/table.js';
import { Told } from '../parts/told.js';
import { TEXTS } from '../texts/texts.js';
import type { Visit } from '../visit/visit.js';
import { Said } from './said.js';
import { SEVERITY_TONES, sortedOut } from './words/daemon-words.js';
import { spacePage } from './words/places.js';

const { health: texts } = TEXTS.admin;

/** What the doctor has found: what needs a person first, what is in order on demand. */
export function Findings({ to, findings }: Pick<Visit, 'to'> & { readonly findings: readonly Finding[] }) {
  const { telling, well } = sortedOut(findings);
  const columns = columnsOf(to);
  return (
    <>
      <h2>{texts.findings}</h2>
      {telling.length === 0 ? (
        <p>{texts.noFindings}</p>
      ) : (
        <Table caption={texts.findings} columns={columns} rows={telling} />
      )}
      {well.length > 0 && (
        <details>
          <summary>
            {texts.well} {counted(well.length, texts.thing, texts.things)}
          </summary>
          <Table caption={texts.well} columns={columns} rows={well} />
        </details>
      )}
    </>
  );
}

function columnsOf(to: Visit['to']): readonly Column<Finding>[] {
  return [
    {
      title: texts.columns.what,
      cell: ({ area, subject }) => (
        <>
          {texts.areas[area] ?? area}
          <span class="sub">
            <Subject to={to} area={area} subject={subject} />
          </span>
        </>
      ),
    },
    {
      title: texts.columns.result,
      cell: ({ severity }) => <Badge word={texts.severities[severity]} tone={SEVERITY_TONES[severity]} />,
    },
    {
      title: texts.columns.found,
      cell: ({ message, action }) => (
        <>
          <Told text={message} />
          {action !== null && (
            <span class="sub">
              {texts.toDo} <Said text={action} />
            </span>
          )}
        </>
      ),
    },
  ];
}

/** What was checked; a user's space has a page. Many spaces of one storage are told by its address. */
function Subject({ to, area, subject }: Pick<Visit, 'to'> & Pick<Finding, 'area' | 'subject'>) {
  if (area !== 'space' || subject.includes('://')) return <Name text={subject} />;
  return (
    <a href={to(spacePage(subject))}>
      <Name text={subject} />
    </a>
  );
}
