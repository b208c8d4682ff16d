import { printable } from '../../domain/text/printable.js';

/** What a sync has said, word for word, as it may begin with the name of a folder. */
export function Said({ text }: { readonly text: string }) {
  return <bdi>{printable(text)}</bdi>;
}
