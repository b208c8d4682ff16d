/**
 * `tsx test/bench/overviews.ts URL COUNT`: has the overview of the console open so many times, each in a session of its
 * own, with the tokens of administrators that it is given on standard input, a line each. Prints "open" once all have been
 * told something, and ends with its input. A process of its own, as reading what they are told would hold up whoever
 * measures beside it.
 */
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import { signIn } from './sign-in.js';

const [url = '', count = ''] = process.argv.slice(2);
const agent = new Agent({ connections: Number(count) });
const tokens: string[] = [];

async function open(token: string): Promise<void> {
  const cookie = await signIn(url, token);
  const { statusCode, body } = await request(`${url}/console/live?topic=overview`, {
    headers: { cookie },
    dispatcher: agent,
  });
  if (statusCode !== 200) throw new Error(`an overview answered ${statusCode}`);
  await new Promise((resolve) => body.once('data', resolve));
  body.on('error', () => undefined).resume();
}

const lines = createInterface({ input: process.stdin });
lines.on('line', async (line) => {
  if (line !== '') {
    tokens.push(line);
    return;
  }
  await Promise.all(Array.from({ length: Number(count) }, (_, n) => open(tokens[n % tokens.length] ?? '')));
  process.stdout.write('open\n');
});
lines.on('close', () => process.exit());
