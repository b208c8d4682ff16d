import { counted } from '../../domain/text/counted.js';
import { printable } from '../../domain/text/printable.js';
import type { HeldImageJson } from '../../wire/image.js';
import type { SpaceJson } from '../../wire/space.js';
import { ActionButton } from '../parts/action-button.js';
import { Empty } from '../parts/empty.js';
import { Name } from '../parts/name.js';
import { Refusal, sentence } from '../parts/notice.js';
import { Pager } from '../parts/pager.js';
import { Size } from '../parts/size.js';
import { type Column, Table } from '../parts/table.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Outcome, Page, Screen, Visit } from '../visit/visit.js';
import { actOnSpace } from './act-on-spaces.js';
import { Said } from './said.js';
import { spaceOfApi, spacePage } from './words/places.js';

const { held: texts } = TEXTS.admin;

const PATH = '/admin/spaces/:user/held';
const PER_PAGE = 100;

/** A held removal: what would go, what would stay, why it is held, and the decision. */
export const heldScreen: Screen = {
  shows: { [PATH]: showHeld },
  acts: {
    '/admin/spaces/:user/accept': (visit, _form, { user = '' }) => decide(visit, user, 'accept'),
    '/admin/spaces/:user/keep': (visit, _form, { user = '' }) => decide(visit, user, 'keep'),
  },
};

async function showHeld(visit: Visit, { user = '' }: Readonly<Record<string, string>>): Promise<Page> {
  const { ask, query, to } = visit;
  const title = `${texts.title} ${printable(user)}`;
  const list = { sort: query.get('sort'), per_page: PER_PAGE, page: query.get('page') ?? 1 };
  const [space, images] = await Promise.all([
    ask.get<SpaceJson>(spaceOfApi(user)),
    ask.get<HeldImageJson[]>(spaceOfApi(user, '/held'), { ...list, cursor: query.get('cursor') }),
  ]);
  const refused = [space, images].find((answer) => !answer.isGood);
  if (refused !== undefined && !refused.isGood) {
    return { title, status: refused.status, body: <Refusal detail={refused.detail} /> };
  }
  if (!space.isGood || !images.isGood) return { title, body: null };
  const back = (
    <p>
      <a href={to(spacePage(user))}>
        {texts.back} <Name text={user} />
      </a>
    </p>
  );
  const { held, pages } = images.meta;
  if (held === undefined || held.removals === 0) {
    return {
      title,
      body: (
        <>
          <Empty title={texts.nothing}>
            <p>{texts.nothingText}</p>
          </Empty>
          {back}
        </>
      ),
    };
  }
  return {
    title,
    body: (
      <>
        <Balance removals={held.removals} images={space.data.images} />
        <Reasons reasons={held.reasons} />
        <Decision visit={visit} user={user} isKept={held.refused} />
        <h2>{texts.go}</h2>
        <Table caption={texts.go} columns={columnsOf(visit)} rows={images.data} query={query} />
        {pages !== undefined && <Pager pages={pages} query={query} nouns={{ one: texts.image, many: texts.images }} />}
        {back}
      </>
    ),
  };
}

/** What would go and what would stay, as figures. */
function Balance({ removals, images }: { readonly removals: number; readonly images: number }) {
  const figure = (number: number, what: string) => (
    <div class="card">
      <div class="figure">{counted(number, texts.image, texts.images)}</div>
      {what}
    </div>
  );
  return (
    <div class="cards">
      {figure(removals, texts.would)}
      {figure(Math.max(0, images - removals), texts.stay)}
    </div>
  );
}

function Reasons({ reasons }: { readonly reasons: readonly string[] }) {
  return (
    <section class="card">
      <h2>{texts.why}</h2>
      {reasons.length === 0 ? (
        <p>{texts.whyText}</p>
      ) : (
        <ul>
          {reasons.map((reason) => (
            <li>
              <Said text={sentence(reason)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The question, and for each answer what will happen in a sentence. */
function Decision({ visit, user, isKept }: { readonly visit: Visit; readonly user: string; readonly isKept: boolean }) {
  return (
    <section class="card">
      <h2>{texts.question}</h2>
      {isKept && <p>{texts.keptAlready}</p>}
      <div class="choices">
        <div>
          <ActionButton visit={visit} action={spacePage(user, '/accept')} text={texts.accept} kind="bad" />
          <p>{texts.acceptText}</p>
        </div>
        {!isKept && (
          <div>
            <ActionButton visit={visit} action={spacePage(user, '/keep')} text={texts.keep} kind="quiet" />
            <p>{texts.keepText}</p>
          </div>
        )}
      </div>
    </section>
  );
}

function columnsOf({ now }: Visit): readonly Column<HeldImageJson>[] {
  const { columns } = texts;
  return [
    {
      title: columns.name,
      sort: 'path',
      cell: ({ name, path }) => (
        <>
          <Name text={name} />
          <span class="sub">
            <Name text={path} />
          </span>
        </>
      ),
    },
    { title: columns.size, sort: 'size', isNumber: true, cell: ({ size }) => <Size bytes={size} /> },
    {
      title: columns.missed,
      sort: 'missed_since',
      isNumber: true,
      cell: (image) => <When time={image.missed_since} now={now} />,
    },
  ];
}

async function decide({ ask }: Visit, user: string, decision: 'accept' | 'keep'): Promise<Outcome> {
  const goTo = spacePage(user);
  const space = await ask.get<Pick<SpaceJson, 'held_removals'>>(spaceOfApi(user));
  // The storage shows them again, or somebody else was quicker.
  if (space.isGood && space.data.held_removals === null) {
    return { goTo, notice: { kind: 'trouble', text: texts.nothingHeld } };
  }
  const answer = await ask.send('POST', spaceOfApi(user, `/${decision}`));
  if (!answer.isGood) return { goTo, notice: { kind: 'trouble', text: sentence(answer.detail) } };
  if (decision === 'keep') return { goTo, notice: { kind: 'done', text: texts.kept } };
  // The next sync does what was decided: asked for now, nobody has to wonder why the images are still there.
  const sync = await actOnSpace(ask, 'sync', user);
  return { goTo, notice: { kind: 'done', text: sync.isGood ? texts.accepted : texts.acceptedUnasked } };
}
