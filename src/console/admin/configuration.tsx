import { counted } from '../../domain/text/counted.js';
import { printableLines } from '../../domain/text/printable.js';
import type { HealthJson, ReloadJson } from '../../wire/daemon.js';
import { ActionButton } from '../parts/action-button.js';
import { Badge } from '../parts/badge.js';
import { Copyable } from '../parts/copyable.js';
import { Facts } from '../parts/facts.js';
import { Name } from '../parts/name.js';
import { Told } from '../parts/told.js';
import { TEXTS } from '../texts/texts.js';
import type { Outcome, Screen, Visit } from '../visit/visit.js';
import { Said } from './said.js';
import { reloadNotice } from './words/daemon-words.js';

const { configuration: texts, spaces } = TEXTS.admin;

type ConfigurationJson = HealthJson['configuration'];

const ACT = '/admin/health/reload';

/** Has the configuration read again. */
export const configurationScreen: Screen = { acts: { [ACT]: reload } };

async function reload({ ask }: Visit): Promise<Outcome> {
  return { goTo: '/admin/health', notice: reloadNotice(await ask.send<ReloadJson>('POST', '/v2/admin/reload')) };
}

/** The configuration in effect, and what the file says beside. */
export function Configuration({
  visit,
  configuration,
}: {
  readonly visit: Visit;
  readonly configuration: ConfigurationJson;
}) {
  const { file, text, waits_for_restart: waits, warnings, spaces_left_out: leftOut } = configuration;
  return (
    <section class="card">
      <h2>{texts.title}</h2>
      <Facts
        facts={[
          [texts.file, file === null ? texts.noFile : <Name text={file} />],
          [texts.standing, <Standing configuration={configuration} />],
          [
            texts.waits,
            waits.length === 0 ? null : (
              <>
                {waits.join(', ')}
                <span class="sub">
                  <Copyable text={texts.restart} />
                </span>
              </>
            ),
          ],
          [texts.warnings, warnings.length === 0 ? null : <Warnings warnings={warnings} />],
        ]}
      />
      {file !== null && (
        <>
          <p>{texts.reloadText}</p>
          <div class="actions">
            <ActionButton visit={visit} action={ACT} text={texts.reload} kind="quiet" />
          </div>
        </>
      )}
      <details>
        <summary>{texts.text}</summary>
        {leftOut > 0 && (
          <p class="muted">
            {counted(leftOut, spaces.one, spaces.many)} {texts.leftOut}
          </p>
        )}
        <pre class="source">{printableLines(text.trimEnd())}</pre>
      </details>
    </section>
  );
}

/** Whether the file is in effect as it is now; why not, else. */
function Standing({ configuration: { refused, pending } }: { readonly configuration: ConfigurationJson }) {
  if (refused !== null) {
    return (
      <>
        <Badge word={texts.refused} tone="bad" /> {texts.refusedText} <Lines text={refused} />
      </>
    );
  }
  if (pending === null) return <Badge word={texts.inEffect} tone="good" />;
  return (
    <>
      <Badge word={texts.pending} tone="waiting" /> <Told text={pending} /> {texts.pendingText}
    </>
  );
}

/** A text of several faults, a line each. */
function Lines({ text }: { readonly text: string }) {
  return (
    <span class="sub note" dir="auto">
      {printableLines(text.trimEnd())}
    </span>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  return (
    <ul class="plain">
      {warnings.map((warning) => (
        <li>
          <Said text={warning} />
        </li>
      ))}
    </ul>
  );
}
