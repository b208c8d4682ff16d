import type { Child } from 'hono/jsx';

/** In place of an empty list: why it is, and what to do next. */
export function Empty({ title, children }: { readonly title: string; readonly children?: Child }) {
  return (
    <div class="empty">
      <p>
        <strong data-count="">{title}</strong>
      </p>
      {children}
    </div>
  );
}

/** What an empty list says: if nothing narrows it, and if something does. */
interface NoRowsTexts {
  readonly none: string;
  readonly noneText: string;
  readonly noMatch: string;
  readonly noMatchText: string;
  readonly clear: string;
}

/** In place of a list without rows: how one comes to have some or, if it is narrowed, the way to the whole list. */
export function NoRows({
  texts,
  isFiltered,
  whole,
  children,
}: {
  readonly texts: NoRowsTexts;
  readonly isFiltered: boolean;
  /** The address of the whole list. */
  readonly whole: string;
  /** What else to do about a list that is narrowed, behind that way. */
  readonly children?: Child;
}) {
  if (!isFiltered) {
    return (
      <Empty title={texts.none}>
        <p>{texts.noneText}</p>
      </Empty>
    );
  }
  return (
    <Empty title={texts.noMatch}>
      <p>{texts.noMatchText}</p>
      <p>
        <a href={whole}>{texts.clear}</a>
        {children}
      </p>
    </Empty>
  );
}

/** Whether a query has any of these fields. */
export function isNarrowed(query: URLSearchParams, fields: readonly string[]): boolean {
  return fields.some((field) => (query.get(field) ?? '').trim() !== '');
}
