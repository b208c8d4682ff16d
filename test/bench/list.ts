import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApache } from '../support/apache.js';
import { makeSharedDirectory } from '../support/awkward-tree.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex } from '../support/ovadex.js';
import { startServerProcess } from '../support/server-process.js';
import { answersPerSecond, loadTool, onCore, SERVER_CORE } from './load.js';
import { measureRounds, median, type Verdict } from './ratios.js';

export interface ListBenchOptions {
  readonly rounds: number;
  readonly secondsEach: number;
  readonly onProgress: (text: string) => void;
}

/** An answer as the bare server repeats it. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64. */
  readonly body: string;
}

/** What runs often is compiled by then. */
const WARM_UP_SECONDS = 2;
/** A usual personal space. */
const IMAGES = 12;
const BARE_SERVER = fileURLToPath(new URL('./bare-server.ts', import.meta.url));
/** node:http writes these itself. */
const FRAMING = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

/**
 * `GET /v2/image` of a space with 12 images, through the real program with a real
 * token and index, against bare node:http that sends the very same bytes and
 * headers. One server core, the load on another one.
 */
export async function benchList({ rounds, secondsEach, onProgress }: ListBenchOptions): Promise<Verdict> {
  const directory = makeSharedDirectory();
  for (let n = 1; n <= IMAGES; n++) writeFileSync(join(directory, `Ubuntu_64-bit-vmx${n}.ova`), `image ${n}`);
  const recording = join(directory, 'answer.json');
  const cleanup = createCleanup();
  cleanup.add(() => rmSync(directory, { recursive: true }));

  try {
    const apache = await startApache({ directory });
    cleanup.add(apache.stop);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({ spaces: [{ user: 'bench', url: apache.url }], log: { level: 'warn' } });
    await ovadex.json('sync', '--user', 'bench', '--full');
    const { token } = await ovadex.createToken('bench');

    const real = await ovadex.serve({ wrap: (program, args) => onCore(SERVER_CORE, program, args) });
    cleanup.add(real.stop);
    const authorization = `Bearer ${token}`;
    const answer = await fetchList(real.url, authorization);
    writeFileSync(recording, JSON.stringify(answer));

    const bare = await startServerProcess(({ port }) => {
      const [program, args] = onCore(SERVER_CORE, process.execPath, [
        '--import',
        'tsx',
        BARE_SERVER,
        `${port}`,
        recording,
      ]);
      return { program, args };
    });
    cleanup.add(bare.stop);
    assertSameBody(await fetchList(real.url, authorization), await fetchList(bare.url, authorization));

    const load = (url: string, seconds: number) => answersPerSecond({ url: `${url}v2/image`, authorization, seconds });
    for (const server of [real, bare]) await load(server.url, WARM_UP_SECONDS);
    const measured = await measureRounds(
      rounds,
      () => load(real.url, secondsEach),
      () => load(bare.url, secondsEach),
      (n, { ours, theirs }) => onProgress(`list: round ${n} of ${rounds}: ${(ours / theirs).toFixed(2)}`),
    );
    const ratios = measured.map(({ ours, theirs }) => ours / theirs);
    return {
      name: 'list',
      meaning: `answers a second of GET /v2/image with ${IMAGES} images / bare node:http with the same bytes`,
      ratio: median(ratios),
      ratios,
      target: null,
      context: [
        `${Buffer.from(answer.body, 'base64').length} bytes, load by ${loadTool()}`,
        `ovadex ${perSecond(measured.map(({ ours }) => ours))}, bare node:http ${perSecond(measured.map(({ theirs }) => theirs))}`,
      ],
    };
  } finally {
    await cleanup.run();
  }
}

async function fetchList(baseUrl: string, authorization: string): Promise<RecordedAnswer> {
  const url = `${baseUrl}v2/image`;
  const response = await fetch(url, { headers: { authorization, 'accept-encoding': 'identity' } });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${body.toString()}`);
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !FRAMING.has(name)));
  return {
    status: response.status,
    headers: { ...headers, 'content-length': `${body.length}` },
    body: body.toString('base64'),
  };
}

/** Throws unless both bodies are the same but for `meta.time`, and hold the images. */
function assertSameBody(ours: RecordedAnswer, bare: RecordedAnswer): void {
  const parsed = [ours, bare].map(({ body }) => {
    const text = Buffer.from(body, 'base64').toString();
    const answer = JSON.parse(text) as { data: unknown[] };
    if (answer.data.length !== IMAGES) throw new Error(`${answer.data.length} images instead of ${IMAGES}: ${text}`);
    return text.replace(/"time": ?"[\d.]+s"/, '"time":""');
  });
  if (parsed[0] !== parsed[1]) throw new Error(`the bodies differ:\n${parsed.join('\n')}`);
}

function perSecond(values: readonly number[]): string {
  return `${Math.round(median(values))} answers/s`;
}
