import { describe, expect, it } from 'vitest';
import type { SchemaSurroundings } from '../../src/config/fields/files.js';
import { reused } from '../../src/config/reused-schema.js';

/** Surroundings in which every path lies below this folder, and every secret is the folder. */
const below = (folder: string): SchemaSurroundings => ({
  resolvePath: (path) => `${folder}/${path}`,
  readSecret: async () => ({ secret: folder, isWorldReadable: false }),
  readCertificates: async () => ({ problem: folder }),
  readKey: async () => ({ problem: folder }),
  troubleOfFolder: async () => folder,
});

/** In place of a schema: what it would ask of its surroundings. */
interface Probe {
  readonly ask: () => Promise<readonly unknown[]>;
}

function probes() {
  const made: Probe[] = [];
  const lend = reused(({ resolvePath, readSecret, readCertificates, readKey, troubleOfFolder }): Probe => {
    const others = [readSecret, readCertificates, readKey, troubleOfFolder];
    const ask = async () => [resolvePath('a'), ...(await Promise.all(others.map((other) => other('a'))))];
    made.push({ ask });
    return { ask };
  });
  return { made, lend };
}

const answersBelow = (folder: string) => [
  `${folder}/a`,
  { secret: folder, isWorldReadable: false },
  { problem: folder },
  { problem: folder },
  folder,
];

describe('a schema that is lent', () => {
  it('is the same each time, with the surroundings of the file that it is lent for', async () => {
    const { made, lend } = probes();

    expect(await lend(below('/one'), ({ ask }) => ask())).toEqual(answersBelow('/one'));
    expect(await lend(below('/two'), ({ ask }) => ask())).toEqual(answersBelow('/two'));
    expect(made).toHaveLength(1);
  });

  it('has one borrower at a time: files that are parsed at the same time each keep their surroundings', async () => {
    const { made, lend } = probes();
    let go = () => {};
    const told = new Promise<void>((resolve) => {
      go = resolve;
    });

    const first = lend(below('/one'), async ({ ask }) => {
      await told;
      return ask();
    });
    expect(await lend(below('/two'), ({ ask }) => ask())).toEqual(answersBelow('/two'));
    go();
    expect(await first).toEqual(answersBelow('/one'));
    expect(made).toHaveLength(2);
  });

  it('is lent no more once a borrower has failed', async () => {
    const { made, lend } = probes();

    await expect(lend(below('/one'), () => Promise.reject(new Error('gone wrong')))).rejects.toThrow('gone wrong');
    await lend(below('/two'), ({ ask }) => ask());
    expect(made).toHaveLength(2);
  });
});
