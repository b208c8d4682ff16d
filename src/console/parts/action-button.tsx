import type { Visit } from '../visit/visit.js';
import { ActForm } from './act-form.js';

/** A form that is nothing but a button; `action` is a path of the console. */
export function ActionButton({
  visit,
  action,
  text,
  kind,
}: {
  readonly visit: Pick<Visit, 'session' | 'to'>;
  readonly action: string;
  readonly text: string;
  readonly kind?: 'quiet' | 'bad' | undefined;
}) {
  return (
    <ActForm visit={visit} action={action}>
      <button type="submit" class={kind}>
        {text}
      </button>
    </ActForm>
  );
}
