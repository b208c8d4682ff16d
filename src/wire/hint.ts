import { isImageName } from '../domain/model/image.js';
import type { PathHint } from '../domain/model/path-hint.js';

/** A hint in words of ovadex. */
export interface PlainHintJson {
  readonly user: string;
  readonly path: string;
}

interface NodeJson {
  readonly path: string;
}

/** What Nextcloud's webhook_listeners sends, as far as it matters. */
export interface EventHintJson {
  readonly event: {
    readonly class: string;
    readonly node?: NodeJson | undefined;
    readonly source?: NodeJson | undefined;
    readonly target?: NodeJson | undefined;
  };
}

export type HintJson = PlainHintJson | EventHintJson;

/** What the API answers: that the hints were taken, not what becomes of each. */
export interface HintTicketJson {
  readonly status: 202;
  readonly message: string;
  readonly received: number;
}

/** The names of events after a change; those before one (`BeforeNode...`), and of reading, say nothing new. */
const CHANGE = /(?:^|\\)Node(Created|Written|Touched|Deleted|Renamed|Copied|Restored)Event$/;
/** Events of a file's content: a folder has none of them. */
const OF_CONTENT = new Set(['Written', 'Touched']);
/** An account's files; its versions, its trash and uploads that have not ended lie beside them. */
const AMONG_FILES = /^\/([^/]+)\/files\/(.+)$/s;

/** Returns where a hint says that something changed; nothing if that can concern no image. */
export function hintsFromJson(json: HintJson): readonly PathHint[] {
  if (!('event' in json)) return [{ below: 'space', user: json.user, path: json.path }];
  const { class: name, node, source, target } = json.event;
  const [, change = ''] = CHANGE.exec(name) ?? [];
  if (change === '') return [];
  const paths = [node, source, target].flatMap((each) => (each === undefined ? [] : each.path));
  return paths
    .filter((path) => !OF_CONTENT.has(change) || isImageName(path.slice(path.lastIndexOf('/') + 1)))
    .flatMap((path): readonly PathHint[] => {
      const [, user, rest] = AMONG_FILES.exec(path) ?? [];
      return user === undefined || rest === undefined ? [] : [{ below: 'home', user, path: rest }];
    });
}

/** Renders the answer to this many hints. */
export function hintTicketToJson(received: number): HintTicketJson {
  return { status: 202, message: 'what changed in known spaces will be listed', received };
}
