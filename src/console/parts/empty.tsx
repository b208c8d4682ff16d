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
