import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { Sent } from './answer.js';
import type { DavAccount, NonceLife } from './auth.js';
import type { Fault } from './faults.js';
import type { HrefStyle } from './hrefs.js';
import type { MarkerStyle, ShownMarker } from './markers.js';
import type { MissingStyle } from './missing.js';
import type { PropertyStyle } from './properties.js';
import type { DavRequest } from './request.js';
import type { Spelling } from './spelling.js';

export interface DavSiteOptions {
  /** Who may come in; everybody where not given. */
  readonly auth?: DavAccount | readonly DavAccount[];
  readonly scheme?: 'basic' | 'digest';
  readonly nonceLife?: NonceLife;
  /** The URL's path in front of the tree's root, percent-encoded, with a slash at both ends; `/` by default. */
  readonly basePath?: string;
  /** `mixed`: each response in another manner. */
  readonly hrefs?: HrefStyle | 'mixed';
  readonly markers?: MarkerStyle;
  /** Changes inside of a mount move no marker at all; without it, only none outside. */
  readonly areMountsStill?: boolean;
  /** How properties are written where not as Apache does; `mixed`: each response in another manner. */
  readonly properties?: Partial<PropertyStyle> | 'mixed';
  /** Whether oc:fileid and oc:permissions are known; those of `nextcloud` markers are. */
  readonly hasOwncloudProperties?: boolean;
  /** Whether images can be searched for, where `basePath` lies below `/remote.php/`. */
  readonly hasSearch?: boolean;
  /** How it says that nothing is there; by 404 where not given. */
  readonly missing?: MissingStyle;
  /** Which spellings of a name it takes for one. */
  readonly spelling?: Spelling;
  /** Asked for by another spelling, it answers by the one that it has. */
  readonly isSpellingItsOwn?: boolean;
  /** The clock of modification times. */
  readonly now?: () => number;
  /** The clock of the `Date` header; this machine's where not given. */
  readonly date?: () => number;
  /** Chooses where something is `mixed`. */
  readonly random?: () => number;
  /** Runs before a request is answered, which waits for it. */
  readonly onRequest?: (request: DavRequest) => void | Promise<void>;
  /** Runs when it is decided how a PROPFIND is answered. */
  readonly onAnswer?: (answered: DavAnswered) => void;
}

/** How a PROPFIND was answered, as far as it got. */
export interface DavAnswered {
  readonly request: DavRequest;
  readonly path: ResourcePath;
  readonly depth: string;
  readonly fault: Fault;
  readonly status: number;
  /** How it said that nothing is there, also where that is a fault. */
  readonly missing: MissingStyle | null;
  /** What a multistatus shows, or null. */
  readonly shown: {
    readonly isCollection: boolean;
    /** It was asked for by another spelling of its path. */
    readonly isAlias: boolean;
    /** Direct members, those with an error too. */
    readonly members: readonly ResourcePath[];
    readonly files: ReadonlySet<ResourcePath>;
    /** null where nothing of it is told. */
    readonly marker: ShownMarker | null;
    readonly hasNextPage: boolean;
    readonly sent: Sent;
  } | null;
}
