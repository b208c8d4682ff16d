import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { WEBHOOK_EVENTS } from '../../../src/domain/webhooks/webhook.js';
import { sign } from '../../../src/webhooks/signature.js';
import { blocksOf, readDocument } from '../../docs/documents.js';
import { describeInstalled, findProgram } from '../../support/process/installed.js';
import { freePort } from '../../support/servers/server-process.js';

const DOCUMENT = 'src/http/README.md';
const KEY = Buffer.from('a key of twenty-four bytes or more');
const BODY = JSON.stringify({ type: 'image.created', data: { user: 'jm', images: [{ path: 'images/ubuntu.ova' }] } });
/** The start of an interpreter on a busy machine. */
const WITHIN_MS = 60_000;

const pythonMissing = findProgram('python3') === null ? 'python3' : null;

/** Posts until somebody listens. */
async function post(port: number, headers: object, body: string): Promise<number> {
  for (;;) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { ...headers }, body });
      return answer.status;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Runs a receiver of the document while it is sent genuine messages and others. */
async function sendTo(language: 'py' | 'ts', secret: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-receiver-'));
  const file = join(folder, language === 'py' ? 'receiver.py' : 'receiver.mts');
  const [block] = language === 'py' ? blocksOf(DOCUMENT, 'py', 'webhook') : blocksOf(DOCUMENT, 'ts', 'webhook');
  writeFileSync(file, block?.text ?? '');
  const port = await freePort();
  const [program, args] = language === 'py' ? ['python3', [file]] : [process.execPath, ['--import', 'tsx', file]];
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, SECRET: secret, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    if (child.stdout === null) throw new Error('no output');
    const line = once(createInterface(child.stdout), 'line');
    const now = Date.now();
    const genuine = sign(KEY, 'msg_1', now, BODY);
    expect(await post(port, genuine, BODY)).toBe(204);
    expect(await line).toEqual(['image.created jm images/ubuntu.ova']);
    expect(await post(port, genuine, `${BODY} `)).toBe(401);
    expect(await post(port, { ...genuine, 'webhook-id': 'msg_2' }, BODY)).toBe(401);
    expect(await post(port, sign(Buffer.from('another key of some length'), 'msg_1', now, BODY), BODY)).toBe(401);
    expect(await post(port, sign(KEY, 'msg_1', now - 600_000, BODY), BODY)).toBe(401);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

describeInstalled('a receiver in Python', [pythonMissing], () => {
  it.each([KEY.toString(), `whsec_${KEY.toString('base64')}`])(
    'believes what is signed (%#)',
    async (secret) => {
      await sendTo('py', secret);
    },
    WITHIN_MS,
  );
});

describe('a receiver in TypeScript', () => {
  it.each([KEY.toString(), `whsec_${KEY.toString('base64')}`])(
    'believes what is signed (%#)',
    async (secret) => {
      await sendTo('ts', secret);
    },
    WITHIN_MS,
  );
});

describe('what webhooks are told', () => {
  it('is all in the document', () => {
    const text = readDocument(DOCUMENT);
    for (const type of [...WEBHOOK_EVENTS, 'space.reset']) expect(text).toContain(`| \`${type}\` |`);
    const [block] = blocksOf(DOCUMENT, 'json', 'webhook');
    expect(JSON.parse(block?.text ?? '')).toMatchObject({ type: 'image.created', data: { user: 'jm' } });
  });
});
