import type { Child } from 'hono/jsx';
import type { Ask, Query } from './ask.js';
import { queryText } from './ask.js';
import type { Notice, Session } from './sessions.js';

/** Somebody who has signed in and looks at a page. */
export interface Visit {
  readonly session: Session;
  readonly ask: Ask;
  /** The query of the page. */
  readonly query: URLSearchParams;
  /** In ms since the epoch. */
  readonly now: number;
  /** Returns the address of a page of the console, or of an asset, for a link: `path` begins with a slash. */
  readonly to: (path: string, query?: Query) => string;
}

/** A screen, ready for the layout. */
export interface Page {
  readonly title: string;
  readonly body: Child;
  /** In place of the title above the page. */
  readonly heading?: Child;
  /** 200 if left out. */
  readonly status?: number;
}

/** What comes of a form: a path of the console to go on with, and what is told there; or a page in place, such as one with mistakes. */
export type Outcome = { readonly goTo: string; readonly notice?: Notice } | Page;

export type Show = (visit: Visit, params: Readonly<Record<string, string>>) => Promise<Page>;
export type Act = (visit: Visit, form: FormData, params: Readonly<Record<string, string>>) => Promise<Outcome>;

/** Part of a page as it is now. */
export interface Fragment {
  readonly body: Child;
  /** What is read out once it is another text; nothing if left out. */
  readonly say?: string;
  /** Whether it will not change any more. */
  readonly isOver?: boolean;
}

/** A part of pages that moves: pages have it in `<Live topic="name:argument">`. */
export interface Live {
  /** Returns what is shown, or null if that is unknown for now; `argument` follows the topic's colon. */
  readonly show: (visit: Visit, argument: string) => Promise<Fragment | null>;
  /** Whether it is the same for all administrators, so that it is made once for all of them; nobody else is shown it. */
  readonly isShared?: boolean;
}

/** A file that is sent through, or a page that says why not. */
export type Send = (visit: Visit, params: Readonly<Record<string, string>>) => Promise<Response | Page>;

/** A screen: how a path is shown, and what its forms do, by the path to which they are sent. */
export interface Screen {
  readonly shows?: Readonly<Record<string, Show>>;
  readonly acts?: Readonly<Record<string, Act>>;
  /** Files, by their path. */
  readonly sends?: Readonly<Record<string, Send>>;
  /** By the name of their topic. */
  readonly lives?: Readonly<Record<string, Live>>;
}

/** Creates what writes addresses below the path at which a proxy serves the console. */
export function createAddresses(prefix: string): Visit['to'] {
  return (path, query = {}) => `${prefix}/console${path}${queryText(query)}`;
}
