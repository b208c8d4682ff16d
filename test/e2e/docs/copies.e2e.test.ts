import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { COPY_CLIENTS, saveCopyClient, startCopy } from '../../support/process/copy-clients.js';
import { describeInstalled } from '../../support/process/installed.js';
import { isThorough } from '../../support/thorough.js';

interface Image {
  readonly id: number;
  readonly path: string;
}

/** Ends with the test whatever that has begun. */
type Ending = Pick<TestContext, 'onTestFinished'>;

function makeFolder({ onTestFinished }: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-copies-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

// Most of the time they wait, as they are told to.
describe.concurrent('the programs of src/http/README.md that keep a copy', () => {
  for (const client of COPY_CLIENTS) {
    describeInstalled(`in ${client.language}`, [client.missing], () => {
      it('wait as long as they are told to, begin anew after 410, and take half an answer for none', async (context) => {
        const answer = (images: readonly Partial<Image>[], next: string, more = false) => {
          const text = JSON.stringify({ data: images, deleted: [], meta: { next_since: next, has_more: more } });
          return { status: 200, headers: {}, text };
        };
        const api = await startTelling(context, [
          { status: 429, headers: { 'Retry-After': '2' }, text: '{}' },
          { status: 503, headers: {}, text: 'a proxy says so' },
          answer([{ id: 1, path: 'a.ova' }], 'one'),
          answer([{ id: 2, path: 'b.ova' }], 'half', true),
          'breaks off',
          { status: 410, headers: {}, text: '{}' },
          answer([{ id: 3, path: 'c.ova' }], 'two'),
          { status: 401, headers: {}, text: '{"detail":"the token has expired"}' },
        ]);
        const folder = makeFolder(context);
        const copy = join(folder, 'copy.json');
        const program = saveCopyClient(client, folder);
        const running = startCopy(client, program, copy, { OVADEX: api.url, TOKEN: 'ovx_of_a_test' });
        context.onTestFinished(running.kill);
        const [code] = await running.exited;
        expect([code === 0, running.errors()]).toEqual([false, expect.stringContaining('the token has expired')]);
        const asked = api.requests.map(({ since }) => since);
        expect(asked).toEqual([null, null, null, 'one', 'half', 'half', null, 'two']);
        expect(
          api.requests.every(({ prefer, token }) => prefer === 'wait=30' && token === 'Bearer ovx_of_a_test'),
        ).toBe(true);
        const pauses = api.requests.map(({ at }, n) => at - (api.requests[n - 1]?.at ?? at));
        expect(pauses[1]).toBeGreaterThanOrEqual(1_990);
        // Twice as long as the first time.
        expect(pauses[2]).toBeGreaterThanOrEqual(1_990);
        expect(pauses[5]).toBeGreaterThanOrEqual(990);
        expect(JSON.parse(readFileSync(copy, 'utf8'))).toEqual({
          since: 'two',
          images: { 3: { id: 3, path: 'c.ova' } },
        });
      });

      it.runIf(isThorough)('keep the copy as it is while they gather another', async (context) => {
        const copies: string[] = [];
        const folder = makeFolder(context);
        const copy = join(folder, 'copy.json');
        const note = () => copies.push(readFileSync(copy, 'utf8').trim());
        const one = { id: 1, path: 'a.ova' };
        const told = (id: number, next: string, more: boolean) => ({
          ...{ status: 200, headers: {} },
          text: JSON.stringify({ data: [{ ...one, id }], deleted: [], meta: { next_since: next, has_more: more } }),
        });
        const api = await startTelling(
          context,
          [
            told(1, 'one', false),
            { status: 410, headers: {}, text: '{}' },
            told(2, 'half', true),
            told(3, 'two', false),
            { status: 404, headers: {}, text: '{}' },
          ],
          (n) => n > 0 && note(),
        );
        const program = saveCopyClient(client, folder);
        const running = startCopy(client, program, copy, { OVADEX: api.url, TOKEN: 'ovx_of_a_test' });
        context.onTestFinished(running.kill);
        await running.exited;
        const seen = copies.map((text) => (JSON.parse(text) as { since: string }).since);
        expect(seen).toEqual(['one', 'one', 'one', 'two']);
      });
    });
  }
});

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** An API that gives these answers, one after the other, and notes what it is asked. */
async function startTelling(
  { onTestFinished }: Ending,
  answers: readonly (Told | 'breaks off')[],
  onRequest: (n: number) => unknown = () => undefined,
) {
  const requests: { at: number; since: string | null; prefer: unknown; token: unknown }[] = [];
  const listener: RequestListener = ({ url, headers }, response) => {
    onRequest(requests.length);
    const told = answers[requests.length];
    const since = new URL(url ?? '', 'http://localhost').searchParams.get('since');
    requests.push({ at: performance.now(), since, prefer: headers['prefer'], token: headers.authorization });
    if (told === undefined) throw new Error('nobody was to ask once more');
    if (told !== 'breaks off') return void response.writeHead(told.status, told.headers).end(told.text);
    response.writeHead(200, { 'Content-Length': '1000' });
    response.write('{"data":[', () => response.destroy());
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
