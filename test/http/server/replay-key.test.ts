import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyOf, LEFT_OUT } from '../../../src/http/server/replay.js';

function key(...rawHeaders: string[]): string {
  return keyOf({ method: 'GET', url: '/v2/image', rawHeaders } as unknown as IncomingMessage, undefined);
}

const ASKED = ['Host', 'h', 'Authorization', 'Bearer a', 'Accept-Encoding', 'gzip'];

describe('what tells requests apart', () => {
  it.each<[string, readonly string[]]>([
    ['the token', ['Host', 'h', 'Authorization', 'Bearer b', 'Accept-Encoding', 'gzip']],
    ['the coding', ['Host', 'h', 'Authorization', 'Bearer a', 'Accept-Encoding', 'br']],
    ['the host', ['Host', 'other', 'Authorization', 'Bearer a', 'Accept-Encoding', 'gzip']],
    ['a header that is unknown', [...ASKED, 'X-Other', '1']],
    ['a header as long as one that is left out', [...ASKED, 'Connection', 'close']],
    ['a second token', [...ASKED, 'Authorization', 'Bearer b']],
    ['where a proxy passed it on', [...ASKED, 'X-Forwarded-For', '192.0.2.1']],
    ['what the client has', [...ASKED, 'If-None-Match', '"x"']],
    ['a name that only looks like one that is left out', [...ASKED, 'User_Agent', 'x']],
  ])('is %s', (_, headers) => expect(key(...headers)).not.toBe(key(...ASKED)));

  it('is not which program asks, for whom, or on whose trace, wherever that stands', () => {
    const all = LEFT_OUT.flatMap((name) => [name, 'x', name.toLowerCase(), 'y']);
    expect(key(...all, ...ASKED)).toBe(key(...ASKED));
    expect(key(...ASKED, ...all)).toBe(key(...ASKED));
  });

  it('is whether it has waited, and whether that was cut short', () => {
    const incoming = { method: 'GET', url: '/', rawHeaders: ASKED } as unknown as IncomingMessage;
    const waited = (isCut: boolean) => keyOf(incoming, { limitHeaders: undefined, isCut });
    expect(new Set([keyOf(incoming, undefined), waited(false), waited(true)]).size).toBe(3);
  });
});

describe('the headers that are left out', () => {
  it.each(LEFT_OUT)('%s is read by nothing that answers', (name) => {
    const root = join(import.meta.dirname, '../../../src/http');
    const reading = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('server/replay.ts'))
      .filter((file) => readFileSync(join(root, file), 'utf8').toLowerCase().includes(`'${name.toLowerCase()}'`));
    expect(reading).toEqual([]);
  });
});
