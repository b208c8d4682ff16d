import { counted, grouped } from '../../domain/text/counted.js';
import type { AttentionJson } from '../../wire/overview.js';
import { Badge } from '../parts/badge.js';
import { Name } from '../parts/name.js';
import { TEXTS } from '../texts/texts.js';
import type { Visit } from '../visit/visit.js';
import { STATE_TONES } from './words/condition.js';
import { spacePage } from './words/places.js';

const { overview: texts, spaces } = TEXTS.admin;

/** In the order in which a person is needed: some decide, some mend. */
const STATES = ['held', 'suspended', 'failing'] as const;

/** What needs a person, and where to begin; that nothing does, else. */
export function Attention({ to, attention }: Pick<Visit, 'to'> & { readonly attention: AttentionJson }) {
  const troubled = STATES.filter((state) => attention[state].count > 0);
  if (troubled.length + attention.webhooks.length === 0) {
    return (
      <p class="notice done">
        <strong>{texts.nobody}</strong> {texts.nobodyText}
      </p>
    );
  }
  return (
    <section class="card attention">
      <h2>{texts.attention}</h2>
      <ul>
        {troubled.map((state) => (
          <li>
            <Badge word={state} tone={STATE_TONES[state]} />{' '}
            <a href={to('/admin/spaces', { state })}>{counted(attention[state].count, spaces.one, spaces.many)}</a>{' '}
            {texts.needs[state]}
            <Users to={to} state={state} {...attention[state]} />
          </li>
        ))}
        {attention.webhooks.map(({ name, dead_spaces: dead }) => (
          <li>
            {texts.webhook} <Name text={name} /> {texts.gaveUp} {counted(dead, spaces.one, spaces.many)}.{' '}
            {texts.webhookAdvice}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first of them by name, and how many more there are. */
function Users({
  to,
  state,
  count,
  users,
}: Pick<Visit, 'to'> & {
  readonly state: (typeof STATES)[number];
  readonly count: number;
  readonly users: readonly string[];
}) {
  const more = count - users.length;
  return (
    <span class="sub">
      {users.map((user, at) => (
        <>
          {at > 0 && ', '}
          <a href={to(spacePage(user, state === 'held' ? '/held' : ''))}>
            <Name text={user} />
          </a>
        </>
      ))}
      {more > 0 && `, ${grouped(more)} ${texts.more}`}
    </span>
  );
}
