import type { Fragment } from '../visit/visit.js';

/**
 * A part of a page that moves: scripts replace what is in it by what `/console/live` tells of its topic. `refreshes` is the
 * id of an element that is fetched anew once it is over.
 */
export function Live({
  topic,
  fragment,
  refreshes,
}: {
  readonly topic: string;
  readonly fragment: Fragment;
  readonly refreshes?: string;
}) {
  return (
    <div data-live={fragment.isOver === true ? undefined : topic} data-refreshes={refreshes}>
      {fragment.body}
    </div>
  );
}
