import { printable } from '../../domain/text/printable.js';

/** A name from a storage: text everywhere, whatever it contains, and never the cause of another order of what is around. */
export function Name({ text }: { readonly text: string }) {
  return <bdi class="name">{printable(text)}</bdi>;
}
