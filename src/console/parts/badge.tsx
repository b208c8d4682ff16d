/** How good or bad something is: it decides colour and shape. */
export type Tone = 'good' | 'waiting' | 'bad' | 'plain';

/** A shape for each, so that a state is told without colour, too. */
const SHAPES: Readonly<Record<Tone, string>> = { good: '●', waiting: '◐', bad: '▲', plain: '○' };

/** A state as a word and a shape; `reason` is told in a tooltip. */
export function Badge({
  word,
  tone,
  reason,
}: {
  readonly word: string;
  readonly tone: Tone;
  readonly reason?: string;
}) {
  return (
    <span class={`badge ${tone}`} title={reason}>
      <span aria-hidden="true">{SHAPES[tone]}</span> {word}
    </span>
  );
}
