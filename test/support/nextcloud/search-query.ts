import { SaxesParser } from 'saxes';
import type { PropertyName } from './properties.js';

/** A condition of `where`: operators of operators, and at the leaves a property with a value. */
export interface Condition {
  readonly operator: string;
  readonly conditions: readonly Condition[];
  readonly property: PropertyName | null;
  readonly literal: string;
}

/** RFC 5323's basicsearch, as far as Nextcloud takes it. */
export interface BasicSearch {
  readonly select: readonly PropertyName[];
  readonly scopes: readonly { readonly href: string; readonly depth: string }[];
  readonly where: Condition | null;
  readonly orderBy: readonly { readonly property: PropertyName; readonly isDescending: boolean }[];
  /** 0 is without one. */
  readonly limit: number;
  readonly offset: number;
}

interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

const SEARCHDAV = 'https://github.com/icewind1991/SearchDAV/ns';

/** Null where the body is no basicsearch with a `select`. */
export function readBasicSearch(body: string): BasicSearch | null {
  const root = parse(body);
  const search = root === null ? undefined : child(root, '{DAV:}basicsearch');
  const select = search && child(search, '{DAV:}select');
  if (root?.name !== '{DAV:}searchrequest' || search === undefined || select === undefined) return null;
  const where = child(search, '{DAV:}where')?.children[0];
  const limit = child(search, '{DAV:}limit');
  const numberOf = (name: string) => Number((limit && child(limit, name)?.text.trim()) ?? 0);
  return {
    select: (child(select, '{DAV:}prop')?.children ?? []).map(({ name }) => name),
    scopes: (child(search, '{DAV:}from')?.children ?? []).map((scope) => ({
      href: child(scope, '{DAV:}href')?.text.trim() ?? '',
      depth: child(scope, '{DAV:}depth')?.text.trim() ?? '',
    })),
    where: where === undefined ? null : conditionOf(where),
    orderBy: (child(search, '{DAV:}orderby')?.children ?? []).map((order) => ({
      property: child(order, '{DAV:}prop')?.children[0]?.name ?? '',
      isDescending: child(order, '{DAV:}descending') !== undefined,
    })),
    limit: numberOf('{DAV:}nresults'),
    offset: numberOf(`{${SEARCHDAV}}firstresult`),
  };
}

function conditionOf(element: Element): Condition {
  const isInner = ['{DAV:}and', '{DAV:}or', '{DAV:}not'].includes(element.name);
  return {
    operator: element.name,
    conditions: isInner ? element.children.map(conditionOf) : [],
    property: child(element, '{DAV:}prop')?.children[0]?.name ?? null,
    literal: child(element, '{DAV:}literal')?.text ?? '',
  };
}

const child = ({ children }: Element, wanted: string) => children.find(({ name }) => name === wanted);

function parse(body: string): Element | null {
  let root: Element | null = null;
  const open: Element[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', () => undefined);
  parser.on('opentag', ({ uri, local }) => {
    const element: Element = { name: `{${uri}}${local}`, children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (text) => {
    const last = open.at(-1);
    if (last !== undefined) last.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(body).close();
  return root;
}
