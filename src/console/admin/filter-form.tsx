import type { Child } from 'hono/jsx';
import { TEXTS } from '../texts/texts.js';

/** The form above a list that narrows it; `list` is the id of what a script replaces while somebody types. */
export function FilterForm({
  action,
  list,
  query,
  children,
}: {
  readonly action: string;
  readonly list: string;
  readonly query: URLSearchParams;
  readonly children?: Child;
}) {
  return (
    <form class="filters" action={action} data-filters={list}>
      {children}
      {query.has('sort') && <input type="hidden" name="sort" value={query.get('sort') ?? ''} />}
      <button type="submit" class="quiet">
        {TEXTS.admin.show}
      </button>
    </form>
  );
}

/** A field of it in which text is typed. */
export function TextFilter({
  name,
  label,
  query,
  isWide = false,
}: {
  readonly name: string;
  readonly label: string;
  readonly query: URLSearchParams;
  readonly isWide?: boolean;
}) {
  return (
    <label class={isWide ? 'wide' : undefined}>
      {label}
      <input name={name} type="search" value={query.get(name) ?? ''} autocomplete="off" spellcheck={false} />
    </label>
  );
}

/** A field of it with a choice: value and text of each; the empty value is any. */
export function ChoiceFilter({
  name,
  label,
  query,
  choices,
}: {
  readonly name: string;
  readonly label: string;
  readonly query: URLSearchParams;
  readonly choices: readonly (readonly [string, string])[];
}) {
  return (
    <label>
      {label}
      <select name={name}>
        {choices.map(([value, text]) => (
          <option value={value} selected={(query.get(name) ?? '') === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
