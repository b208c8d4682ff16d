import type { Child } from 'hono/jsx';

/** A column of a table: what it is called, how a row's cell is made, and by which order of the API it can be sorted. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Child;
  readonly isNumber?: boolean;
  readonly sort?: string;
}

/**
 * A table that becomes cards on a phone. The first column is what a row is called. `query` is that of the page, which
 * links that sort keep; null if nothing can be sorted. Plots find the table by its `id`.
 */
export function Table<Row>({
  id,
  caption,
  columns,
  rows,
  query = null,
}: {
  readonly id?: string;
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly query?: URLSearchParams | null;
}) {
  const sorted = query?.get('sort') ?? '';
  return (
    <div class="table">
      <table id={id}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, isNumber, sort }) => (
              <th scope="col" class={isNumber === true ? 'number' : undefined} aria-sort={orderOf(sorted, sort)}>
                {query === null || sort === undefined ? title : <a href={sortedBy(query, sort)}>{title}</a>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map(({ title, cell, isNumber }, at) =>
                at === 0 ? (
                  <th scope="row">{cell(row)}</th>
                ) : (
                  <td class={isNumber === true ? 'number' : undefined} data-label={title}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function orderOf(sorted: string, sort: string | undefined): 'ascending' | 'descending' | undefined {
  if (sort === undefined || sorted.split(',')[0] !== sort) return undefined;
  return sorted.endsWith(',desc') ? 'descending' : 'ascending';
}

/** Returns the query that sorts by this, the other way round if it does so already. */
export function sortedBy(query: URLSearchParams, sort: string): string {
  const other = new URLSearchParams(query);
  other.set('sort', query.get('sort') === sort ? `${sort},desc` : sort);
  for (const place of ['page', 'cursor']) other.delete(place);
  return `?${other}`;
}
