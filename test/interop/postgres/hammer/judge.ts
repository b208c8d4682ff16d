import type { Reader, Told } from './reader.js';
import type { Truth, Version } from './truth.js';

/** What was told against what there was. */
export interface Judgement {
  readonly answers: number;
  /** How many versions of lists were told. */
  readonly versions: number;
  /** Answers with a list that there never was at their revision. */
  readonly untrue: readonly Told[];
  /** Answers with an earlier revision than the same client had been told. */
  readonly backward: readonly Told[];
  /** How far behind a commit an answer was when it was asked for, in ms, of all that were behind one and didn't say so; the least first. */
  readonly lags: readonly number[];
  /** How long after a commit it was told to whoever waited for it, in ms; the least first. */
  readonly waited: readonly number[];
}

/** Judges all answers that tell of a list. `truthOf` is that of a run. */
export function judge(readers: readonly Reader[], truthOf: (run: string | null) => Truth): Judgement {
  const told = readers.flatMap((reader) => reader.told.filter(({ paths }) => paths !== null));
  const backward = readers.flatMap((reader) =>
    (['list', 'changes'] as const).flatMap((kind) => {
      const its = reader.told.filter((each) => each.kind === kind && each.paths !== null);
      return its.filter((each, at) => {
        const before = its[at - 1];
        return before !== undefined && before.run === each.run && before.revision > each.revision;
      });
    }),
  );
  const versionsFor = ({ run, user }: Told): readonly Version[] => truthOf(run).get(user) ?? [];
  const isTrue = (each: Told) =>
    versionsFor(each)
      .find(({ revision }) => revision === each.revision)
      ?.paths.join('\n') === each.paths?.join('\n');
  const lags = told.flatMap((each) => {
    if (each.isStale) return [];
    const next = versionsFor(each).find(({ revision }) => revision > each.revision);
    const lag = next === undefined ? 0 : each.sentAt - next.committedAt;
    return lag > 0 ? [lag] : [];
  });
  const waited = told.flatMap((each) => {
    const its = versionsFor(each).find(({ revision }) => revision === each.revision);
    const hasWaited = its !== undefined && each.waits && each.sentAt < its.committedAt;
    return hasWaited && each.status === 200 ? [each.answeredAt - its.committedAt] : [];
  });
  return {
    answers: told.length,
    versions: new Set(told.map(({ run, user, revision }) => [run, user, revision].join())).size,
    untrue: told.filter((each) => !isTrue(each)),
    backward,
    lags: lags.sort((a, b) => a - b),
    waited: waited.sort((a, b) => a - b),
  };
}
