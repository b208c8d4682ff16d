import type { Child } from 'hono/jsx';

/** What is known, each with what it is called; whatever is null is left out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: Child | null])[] }) {
  return (
    <dl class="facts">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ),
      )}
    </dl>
  );
}
