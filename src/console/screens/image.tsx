import { printable } from '../../domain/text/printable.js';
import type { ExplanationJson } from '../../wire/explanation.js';
import type { ImageJson } from '../../wire/image.js';
import type { ImageDetailsJson } from '../../wire/image-details.js';
import { Copyable } from '../parts/copyable.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Name } from '../parts/name.js';
import { refused } from '../parts/refused.js';
import { Size } from '../parts/size.js';
import { State } from '../parts/state.js';
import { Told } from '../parts/told.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';
import type { Ask } from '../visit/ask.js';
import type { Page, Screen, Visit } from '../visit/visit.js';
import { Description } from './description.js';

const { image: texts } = TEXTS;

/** One image, with all that is known of it. */
export const imageScreen: Screen = { shows: { '/images/:id': showImage } };

async function showImage(visit: Visit, { id = '' }: Readonly<Record<string, string>>): Promise<Page> {
  const { ask, to } = visit;
  const answer = await findImage(ask, id);
  if (!answer.isGood) return answer.status === 404 ? missing(to) : refused(texts.title, answer);
  const { data: image } = answer;
  const why = await ask.get<ExplanationJson[]>('/v2/image/why', { path: image.path });
  const explained = why.isGood ? (why.data[0] ?? null) : null;
  return {
    title: printable(image.name),
    heading: <Name text={image.name} />,
    body: (
      <>
        <p>
          <a href={to('/images')}>← {texts.back}</a>
        </p>
        <Standing image={image} />
        {image.ovf !== null && <Description ovf={image.ovf} />}
        {image.ovf === null && <p class="muted">{texts.unread}</p>}
        <History {...{ image, explained, now: visit.now }} />
      </>
    ),
  };
}

/** Finds an own image. Where `/v2/image` is the list of others, it has none of the own: these are in the own list, in short. */
async function findImage(ask: Ask, id: string) {
  const answer = await ask.get<ImageDetailsJson>(`/v2/image/${encodeURIComponent(id)}`);
  if (answer.isGood || answer.status !== 404 || !/^\d+$/.test(id)) return answer;
  const own = await ask.get<ImageJson[]>('/v2/user/image/vm', { filter: `id,eq,${id}`, per_page: 1 });
  const [image] = own.isGood ? own.data : [];
  if (image === undefined) return answer;
  return { isGood: true, data: { ...image, reasons: [], notes: [], ovf: null }, meta: {} } as const;
}

function Standing({ image }: { readonly image: ImageDetailsJson }) {
  const { state, reasons, notes } = image;
  const todo = texts.todo[state];
  return (
    <section class="card" aria-label={TEXTS.images.state}>
      <p>
        <State state={state} /> – {TEXTS.states[state][1]}
      </p>
      <Lines title={texts.reasons} lines={reasons} />
      {todo !== null && (
        <p>
          <strong>{TEXTS.why.todo}</strong> {todo}
        </p>
      )}
      <Lines title={texts.notes} lines={notes} />
      <p class="path-line">
        <span class="muted">{texts.path}</span> <Copyable text={image.path} />
      </p>
      <p>
        <span class="muted">{texts.size}</span> <Size bytes={image.size} />
      </p>
    </section>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <p class="muted">{title}</p>
      <ul class="steps">
        {lines.map((line) => (
          <li>
            <Told text={line} />
          </li>
        ))}
      </ul>
    </>
  );
}

function History({
  image,
  explained,
  now,
}: {
  readonly image: ImageJson | ImageDetailsJson;
  readonly explained: ExplanationJson | null;
  readonly now: number;
}) {
  const isMissed = explained !== null && explained.reason === 'held';
  return (
    <section class="card">
      <h2>{texts.history}</h2>
      <Facts
        facts={[
          [texts.created, <When time={image.created_on} now={now} />],
          [texts.modified, image.modified_on === null ? null : <When time={image.modified_on} now={now} />],
          [texts.updated, <When time={image.updated_on} now={now} />],
          [texts.missing, isMissed ? <Told text={explained.message} /> : null],
        ]}
      />
    </section>
  );
}

function missing(to: Visit['to']): Page {
  const body = (
    <Empty title={texts.gone}>
      <p>{texts.goneText}</p>
      <p>
        <a href={to('/images')}>{texts.back}</a> · <a href={to('/why')}>{texts.askWhy}</a>
      </p>
    </Empty>
  );
  return { title: texts.title, status: 404, body };
}
