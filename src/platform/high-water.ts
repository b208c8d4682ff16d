import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
/** As many as the largest safe integer has. */
const DIGITS = 16;

/** The largest number of something, in a file of its own that survives when another file is put back. */
export interface HighWater {
  /** Returns the number that was noted last; 0 if none was, or it can't be read. */
  read(): number;
  note(number: number): void;
  close(): void;
}

/** Opens the file, which is created for its owner alone. Throws the system's errors. */
export function openHighWater(file: string): HighWater {
  const descriptor = openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  return {
    read() {
      const buffer = Buffer.alloc(DIGITS);
      const length = readSync(descriptor, buffer, 0, DIGITS, 0);
      const text = buffer.toString('latin1', 0, length);
      return /^\d{16}$/.test(text) ? Number(text) : 0;
    },
    // Always as long, so that it is overwritten in one piece.
    note: (number) => void writeSync(descriptor, `${String(number).padStart(DIGITS, '0')}\n`, 0),
    close: () => closeSync(descriptor),
  };
}
