import { counted, grouped } from '../../domain/text/counted.js';
import { spanOf } from '../../domain/text/span.js';
import type { EvidenceJson, SpaceDetailsJson } from '../../wire/space.js';
import { Facts } from '../parts/facts.js';
import { Name } from '../parts/name.js';
import { When } from '../parts/when.js';
import { TEXTS } from '../texts/texts.js';

const { space: texts, held } = TEXTS.admin;

/** Where a space is, how large, and when it was and will be looked at. */
export function SpaceFacts({ space, now }: { readonly space: SpaceDetailsJson; readonly now: number }) {
  const age = space.expected_age_seconds;
  return (
    <section class="card">
      <h2>{texts.facts}</h2>
      <Facts
        facts={[
          [texts.url, <Name text={space.url} />],
          [texts.images, imagesText(space)],
          [texts.folders, grouped(space.collections)],
          [texts.seen, <When time={space.last_success_on} now={now} />],
          [texts.synced, <When time={space.last_sync_on} now={now} />],
          [texts.next, <When time={space.next_sync_on} now={now} />],
          [texts.changes, `${grouped(space.changes_per_day)} ${texts.perDay}`],
          [texts.age, age === null ? null : `${spanOf(age * 1_000)} ${texts.onAverage}`],
          [texts.linked, space.is_linked ? texts.linkedBy : texts.linkedNot],
        ]}
      />
    </section>
  );
}

/** Returns how many images there are, and how many of them are not as they should be. */
export function imagesText(
  space: Pick<SpaceDetailsJson, 'images' | 'waiting_images' | 'incomplete_images' | 'broken_images'>,
): string {
  const others = [
    [space.waiting_images, texts.waiting],
    [space.incomplete_images, texts.incomplete],
    [space.broken_images, texts.broken],
  ] as const;
  const told = others.filter(([count]) => count > 0).map(([count, what]) => `${grouped(count)} ${what}`);
  return [counted(space.images, held.image, held.images), ...told].join(', ');
}

/** What markers and the storage's search were seen to prove, on which depends what has to be listed. */
export function Evidence({ space }: { readonly space: SpaceDetailsJson }) {
  const { evidence } = space;
  return (
    <section class="card">
      <h2>{texts.evidence}</h2>
      <p>{texts.looks[space.look]}</p>
      <Facts
        facts={[
          [texts.names, evidenceText(evidence.names, evidence.names_proofs)],
          [texts.subtree, evidenceText(evidence.subtree, evidence.subtree_proofs)],
          [texts.search, evidenceText(evidence.search, evidence.search_proofs)],
          [texts.searchOff, space.search_trouble === null ? null : <Name text={space.search_trouble} />],
          [texts.mismatches, grouped(space.mismatches)],
        ]}
      />
    </section>
  );
}

/** Returns what was seen of a proof and, if it was refuted, how far it has come to be believed again. */
export function evidenceText(evidence: EvidenceJson['names'], proofs: number): string {
  const word = texts.evidences[evidence];
  return evidence === 'refuted' && proofs > 0 ? `${word}; ${grouped(proofs)} ${texts.proofs}` : word;
}
