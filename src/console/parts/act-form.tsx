import type { Child } from 'hono/jsx';
import type { Visit } from '../visit/visit.js';

/** A form that does something: it is sent to `action`, a path of the console, with the proof that it is of this session. */
export function ActForm({
  visit,
  action,
  className,
  children,
}: {
  readonly visit: Pick<Visit, 'session' | 'to'>;
  readonly action: string;
  readonly className?: string;
  readonly children?: Child;
}) {
  return (
    <form method="post" action={visit.to(action)} class={className}>
      <input type="hidden" name="form" value={visit.session.formToken} />
      {children}
    </form>
  );
}
