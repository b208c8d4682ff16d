import { describe, expect, it } from 'vitest';
import { discoveredSpace } from '../../../src/domain/policy/discovered-space.js';

describe('a space that a discovery finds', () => {
  const space = { user: 'jm', url: 'https://h/jm/', auth: { type: 'none' } } as const;
  const place = { url: 'https://h/', auth: { type: 'none' } } as const;
  const connection = { headers: { 'X-Key': 'x' }, tls: null, proxy: null };

  it('is reached and read as the discovery says', () => {
    const settings = discoveredSpace({ ...place, connection, describe: false }, space);
    expect(settings).toEqual({ ...space, connection, describe: false, watchDirectory: null });
    expect(settings.connection).toBe(connection);
  });

  it('has nothing of its own if the discovery says nothing', () => {
    expect(discoveredSpace(place, space)).toStrictEqual({ ...space, watchDirectory: null });
  });
});
