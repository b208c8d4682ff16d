import { printable } from '../../domain/text/printable.js';
import { TEXTS } from '../texts/texts.js';
import type { Notice as NoticeText } from '../visit/sessions.js';

/** Tells what came of something; its text may name users and files, whatever these contain. */
export function Notice({ notice }: { readonly notice: NoticeText }) {
  const isDone = notice.kind === 'done';
  return (
    <div class={`notice ${notice.kind}`} role={isDone ? 'status' : 'alert'}>
      <p>
        <strong>{isDone ? TEXTS.done : TEXTS.trouble}</strong> {printable(notice.text)}
      </p>
      {notice.secret !== undefined && (
        <p class="secret">
          <code data-copy="">{notice.secret}</code>
        </p>
      )}
    </div>
  );
}

/** In place of what the API did not give. */
export function Refusal({ detail }: { readonly detail: string }) {
  return <Notice notice={{ kind: 'trouble', text: sentence(detail) }} />;
}

/** Returns a detail of the API as a sentence. */
export function sentence(detail: string): string {
  const text = detail === '' ? TEXTS.noReason : detail;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
