import { SPACE_STATES } from '../../domain/lists/space-states.js';
import { grouped } from '../../domain/text/counted.js';
import type { OverviewJson } from '../../wire/overview.js';
import { Badge } from '../parts/badge.js';
import { Live } from '../parts/live.js';
import { Name } from '../parts/name.js';
import { refused } from '../parts/refused.js';
import { Size } from '../parts/size.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Fragment, Page, Screen, Visit } from '../visit/visit.js';
import { Attention } from './attention.js';
import { Hours, Stock, StorageRequests } from './overview-plots.js';
import { STATE_TONES } from './words/condition.js';
import { spacePage } from './words/places.js';

const { overview: texts, states } = TEXTS.admin;

/** All spaces at a glance: who is needed first, then how much there is and how it goes. */
export const overviewScreen: Screen = {
  shows: { '/admin': showOverview },
  lives: { overview: { show: showGlance, isShared: true } },
};

async function showOverview(visit: Visit): Promise<Page> {
  const answer = await visit.ask.get<OverviewJson>('/v2/admin/overview');
  if (!answer.isGood) return refused(texts.title, answer);
  const { data } = answer;
  return {
    title: texts.title,
    body: (
      <>
        <Live topic="overview" fragment={{ body: <Glance visit={visit} overview={data} /> }} />
        <Hours hours={data.hours} now={visit.now} />
        <Stock history={data.history} now={visit.now} />
        <StorageRequests requests={data.storage_requests} />
      </>
    ),
  };
}

/** What moves, as all administrators who look are shown it. */
async function showGlance(visit: Visit): Promise<Fragment | null> {
  const answer = await visit.ask.get<OverviewJson>('/v2/admin/overview');
  return answer.isGood ? { body: <Glance visit={visit} overview={answer.data} /> } : null;
}

function Glance({ visit, overview }: { readonly visit: Pick<Visit, 'to' | 'now'>; readonly overview: OverviewJson }) {
  const { to, now } = visit;
  return (
    <>
      <Attention to={to} attention={overview.attention} />
      <h2>{texts.spaces}</h2>
      <div class="cards states">
        {SPACE_STATES.map((state) => (
          <a class="card" href={to('/admin/spaces', { state })}>
            <div class="figure">{grouped(overview.spaces_by_state[state])}</div>
            <Badge word={state} tone={overview.spaces_by_state[state] === 0 ? 'plain' : STATE_TONES[state]} />
            <span class="sub">{states[state]}</span>
          </a>
        ))}
      </div>
      <h2>{texts.all}</h2>
      <div class="cards">
        <div class="card">
          <div class="figure">{grouped(overview.images)}</div>
          {texts.images}
          <span class="sub">
            {texts.inFolders} {grouped(overview.collections)}
          </span>
        </div>
        <div class="card">
          <div class="figure">
            <Size bytes={overview.size} />
          </div>
          {texts.size}
          <span class="sub">{overview.size === null ? texts.uncounted : texts.counted}</span>
        </div>
        <a class="card" href={to('/admin/syncs')}>
          <div class="figure">{grouped(overview.running_syncs)}</div>
          {texts.running}
          <span class="sub">
            {grouped(overview.waiting_syncs)} {texts.waiting}
          </span>
        </a>
        <Oldest to={to} now={now} oldest={overview.oldest} />
      </div>
    </>
  );
}

/** The list that has waited longest for being seen whole. */
function Oldest({ to, now, oldest }: Pick<Visit, 'to' | 'now'> & { readonly oldest: OverviewJson['oldest'] }) {
  if (oldest === null) {
    return (
      <div class="card">
        <div class="figure">–</div>
        {texts.oldest}
      </div>
    );
  }
  return (
    <a class="card" href={to(spacePage(oldest.user))}>
      <div class="figure">
        <When time={oldest.synced_on} now={now} />
      </div>
      {texts.oldest}
      <span class="sub">
        {texts.of} <Name text={oldest.user} />
      </span>
    </a>
  );
}
