import { expect, it } from 'vitest';
import { startCrawledCloud } from '../../support/nextcloud/crawled-cloud.js';

it('a folder of a Nextcloud that refuses the credentials alone is left as it was, and the others are listed', {
  timeout: 60_000,
}, async () => {
  const { jm, sync, read, listen } = await startCrawledCloud({ search: 'off' });
  await sync();
  jm.put('d3/leaf3/new.ova');
  jm.put('d4/leaf4/new.ova');
  listen(async ({ path }) => (path.endsWith('/d3/') ? { status: 401, type: 'text/html' } : null));
  const [done] = await sync('full');
  expect(done).toMatchObject({ status: 'PROCESSED' });
  const { space, shown } = await read();
  expect(space.trouble).toMatchObject({ kind: 'incomplete' });
  expect(shown).toContain('d3/leaf3/x.ova');
  expect(shown).toContain('d4/leaf4/new.ova');
  expect(shown).not.toContain('d3/leaf3/new.ova');
});
