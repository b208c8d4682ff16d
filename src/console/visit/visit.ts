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
  /** 200 if left out. */
  readonly status?: number;
}

/** What comes of a form: a path of the console to go on with, and what is told there; or a page in place, such as one with mistakes. */
export type Outcome = { readonly goTo: string; readonly notice?: Notice } | Page;

export type Show = (visit: Visit, params: Readonly<Record<string, string>>) => Promise<Page>;
export type Act = (visit: Visit, form: FormData, params: Readonly<Record<string, string>>) => Promise<Outcome>;

/** A screen: how a path is shown, and what its forms do, by the path to which they are sent. */
export interface Screen {
  readonly shows?: Readonly<Record<string, Show>>;
  readonly acts?: Readonly<Record<string, Act>>;
}

/** Creates what writes addresses below the path at which a proxy serves the console. */
export function createAddresses(prefix: string): Visit['to'] {
  return (path, query = {}) => `${prefix}/console${path}${queryText(query)}`;
}
