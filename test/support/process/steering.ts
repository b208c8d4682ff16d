/** Characters that steer a terminal, end a line for some readers, or reorder the text around them. */
export const STEERING: readonly string[] = [
  '\u0000',
  '\u0007',
  '\t',
  '\n',
  '\u001b',
  '\u007f',
  '\u0080',
  '\u0085',
  '\u009b',
  '\u009d',
  '\u009f',
  '\u061c',
  '\u200e',
  '\u200f',
  '\u202a',
  '\u202e',
  '\u2028',
  '\u2029',
  '\u2066',
  '\u2069',
];

/** Finds any of them but line ends and tabs. */
export const STEERS = /[^\P{Cc}\n\r\t]|[\p{Bidi_Control}\u2028\u2029]/u;
