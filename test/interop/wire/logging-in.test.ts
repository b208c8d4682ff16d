import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { type Served, startServed } from '../scene/served.js';

const run = promisify(execFile);
const clientAt = (name: string) => fileURLToPath(new URL(`clients/${name}`, import.meta.url));
/** Java's compiler on a busy machine; all others take a tenth of a second. */
const timeout = 60_000;

interface Client {
  readonly name: string;
  readonly program: string;
  readonly debian: string;
  readonly args: (address: string, user: string, password: string) => readonly string[];
  /** How many lists it prints. */
  readonly lists: number;
}

/** None of them sends credentials before it has seen a challenge that it knows. */
const CLIENTS: readonly Client[] = [
  {
    name: 'wget',
    program: 'wget',
    debian: 'wget',
    args: (address, user, password) => ['-qO-', `--user=${user}`, `--password=${password}`, address],
    lists: 1,
  },
  {
    name: 'curl --anyauth',
    program: 'curl',
    debian: 'curl',
    args: (address, user, password) => ['-sS', '--fail', '--anyauth', '-u', `${user}:${password}`, address],
    lists: 1,
  },
  {
    name: "Python's urllib",
    program: 'python3',
    debian: 'python3-minimal',
    args: (...args) => [clientAt('ask.py'), ...args],
    lists: 1,
  },
  {
    name: "Java's HttpClient and HttpURLConnection",
    program: 'javac',
    debian: 'default-jdk-headless',
    args: (...args) => [clientAt('Ask.java'), ...args],
    lists: 2,
  },
];

describe('a client that waits to be asked for credentials', () => {
  let served: Served;
  beforeAll(async () => {
    served = await startServed(['größe.ova']);
  });
  afterAll(() => served.end());

  for (const { name, program, debian, args, lists } of CLIENTS) {
    const missing = findProgram(program) === null ? `${program} (Debian: ${debian})` : null;
    // Single files of Java's are run by the other program of the same package.
    const command = program === 'javac' ? 'java' : program;
    describeInstalled(name, [missing], () => {
      const ask = (user: string, password: string) =>
        run(command, args(`${served.url}/v2/image`, user, password), { timeout });

      it('has the list by a token as its user name', async () => {
        const { stdout } = await ask(served.token, '');
        expect(stdout.match(/"größe\.ova"/g)).toHaveLength(2 * lists);
      });

      it('has it by a token as its password', async () => {
        const { stdout } = await ask('jm', served.token);
        expect(stdout.match(/"größe\.ova"/g)).toHaveLength(2 * lists);
      });

      it('is refused by another', async () => {
        await expect(ask('jm', 'nobody’s token')).rejects.toHaveProperty('code');
      });
    });
  }
});
