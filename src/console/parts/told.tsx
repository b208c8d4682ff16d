import { printable } from '../../domain/text/printable.js';
import { sentence } from './notice.js';

const TIME = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** What the API says, as a sentence, with times for people: in UTC until a script knows the person's own zone. */
export function Told({ text }: { readonly text: string }) {
  return (
    <span dir="auto">
      {sentence(printable(text))
        .split(TIME)
        .map((part) =>
          TIME.test(part) ? (
            <time class="exact" datetime={part}>
              {part.slice(0, 16).replace('T', ' ')} UTC
            </time>
          ) : (
            part
          ),
        )}
    </span>
  );
}
