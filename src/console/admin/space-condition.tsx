import type { SpaceDetailsJson } from '../../wire/space.js';
import { ActionButton } from '../parts/action-button.js';
import { Badge } from '../parts/badge.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Visit } from '../visit/visit.js';
import { SyncProgress } from './running.js';
import { Said } from './said.js';
import { conditionOf, heldCondition } from './words/condition.js';
import { spacePage } from './words/places.js';

const { space: texts, states } = TEXTS.admin;

/** What is wrong with a space, since when, what ovadex does about it and what a person may do, with the buttons for that. */
export function SpaceCondition({ visit, space }: { readonly visit: Visit; readonly space: SpaceDetailsJson }) {
  const { now, to } = visit;
  const { user, state } = space;
  const { tone, title, since, message, does, may } = conditionOf(space);
  const button = (act: 'sync' | 'full' | 'resume', kind?: 'quiet') => (
    <ActionButton visit={visit} action={spacePage(user, `/${act}`)} text={texts[act]} kind={kind} />
  );
  const isHeld = space.held_removals !== null;
  return (
    <section class="card">
      <h2>
        <Badge word={state} tone={tone} reason={states[state]} /> {title}
      </h2>
      <p>
        {since !== null && (
          <>
            {texts.noted} <When time={since} now={now} />.{' '}
          </>
        )}
        {does}
      </p>
      {message !== null && (
        <p>
          {texts.reason} <Said text={message} />
        </p>
      )}
      {isHeld && space.held_reasons.length > 0 && <Reasons reasons={space.held_reasons} />}
      <p>{may}</p>
      {isHeld && state !== 'held' && <p>{heldCondition(space).title}</p>}
      <div class="actions">
        {isHeld && (
          <a class="button" href={to(spacePage(user, '/held'))}>
            {texts.decide}
          </a>
        )}
        {state === 'suspended' ? button('resume') : button('sync', isHeld ? 'quiet' : undefined)}
        {state !== 'suspended' && button('full', 'quiet')}
      </div>
      {space.running_sync !== null && (
        <div>
          {texts.running}: <SyncProgress sync={space.running_sync} />
        </div>
      )}
    </section>
  );
}

function Reasons({ reasons }: { readonly reasons: readonly string[] }) {
  return (
    <>
      <p>{texts.why}</p>
      <ul>
        {reasons.map((reason) => (
          <li>
            <Said text={reason} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the last sync left as it was: each folder that could not be listed, and why. */
export function Failures({ space }: { readonly space: SpaceDetailsJson }) {
  const { last_sync: last } = space;
  if (last === null) return null;
  // What is held, and why a sync failed as a whole, stands above.
  const told = last.message.warnings.filter((line) => !line.startsWith('held: '));
  if (told.length === 0) return null;
  return (
    <section class="card">
      <h2>{texts.failures}</h2>
      <p>{texts.failuresText}</p>
      <ul>
        {told.map((line) => (
          <li>
            <Said text={line} />
          </li>
        ))}
      </ul>
    </section>
  );
}
