import { toJson } from '../../domain/text/printable.js';
import { Name } from './name.js';

/** A name or path that people copy: exactly as it is by the button of a script, as it is shown by one click. */
export function Copyable({ text }: { readonly text: string }) {
  return (
    <span class="copyable">
      <code class="path" data-copy={toJson(text)}>
        <Name text={text} />
      </code>
    </span>
  );
}
