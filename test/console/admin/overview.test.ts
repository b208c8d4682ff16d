import { describe, expect, it } from 'vitest';
import { withinSeconds } from '../../../src/console/admin/words/latency.js';
import { thinned } from '../../../src/console/parts/plot.js';
import { SPACE_STATES } from '../../../src/domain/lists/space-states.js';
import type { OverviewJson } from '../../../src/wire/overview.js';
import { createAdminScene, readable } from './admin-scene.js';

const NONE = { count: 0, users: [] };
const HOUR = '2026-11-24T11:00:00.000Z';
const QUIET: OverviewJson = {
  as_of: '2026-11-24T12:00:00.000Z',
  spaces_by_state: Object.fromEntries(SPACE_STATES.map((state) => [state, 0])) as OverviewJson['spaces_by_state'],
  images: 0,
  collections: 0,
  size: null,
  size_as_of: null,
  oldest: null,
  waiting_syncs: 0,
  running_syncs: 0,
  attention: { held: NONE, suspended: NONE, failing: NONE, webhooks: [] },
  storage_requests: { outcomes: {}, latency: [], total_seconds: 0 },
  hours: Array.from({ length: 48 }, () => ({ hour: HOUR, syncs: 0, failed: 0, added: 0, deleted: 0 })),
  history: [],
};

/** The overview as the API gives this one. */
async function shown(overview: Partial<OverviewJson>) {
  const answer = { data: { ...QUIET, ...overview }, meta: {} };
  const scene = createAdminScene({}, ({ url }) =>
    new URL(url).pathname === '/v2/admin/overview' ? Response.json(answer) : null,
  );
  const admin = await scene.signIn('root', ['admin']);
  return await admin.get('/admin');
}

describe('the overview', () => {
  it('says that nobody is needed, and what is not counted yet', async () => {
    const text = readable((await shown({})).html);
    expect(text).toMatch(/^Overview Nobody is needed\./);
    expect(text).toContain('not counted yet');
    expect(text).toContain('There is no history yet.');
  });

  it('names first what needs a person, with names as text and links to where it is decided', async () => {
    const users = ['<img src=x>', 'lab'];
    const { html } = await shown({
      attention: {
        held: { count: 12, users },
        suspended: NONE,
        failing: { count: 1, users: ['kim'] },
        webhooks: [{ name: 'deployer', dead_spaces: 4 }],
      },
    });
    const text = readable(html);
    expect(text).toContain('12 spaces with a removal that waits for a decision: <img src=x> , lab , 10 more');
    expect(text).toContain('1 space whose last sync failed: kim');
    expect(text).toContain('The webhook deployer has given up on messages about 4 spaces.');
    expect(html).not.toContain('<img');
    expect(html).toContain('href="/console/admin/spaces/%3Cimg%20src%3Dx%3E/held"');
  });

  it('has plots of the hours and the past, each of a column of the table behind it, below 100 KB', async () => {
    const history = Array.from({ length: 2_100 }, (_, at) => ({ hour: HOUR, spaces: 100, images: at, size: at * 1e9 }));
    const { html } = await shown({
      history,
      storage_requests: { outcomes: { answered: 4_200, timeout: 3 }, latency: LATENCY, total_seconds: 151.2 },
    });
    const plots = [...html.matchAll(/<figure class="plot" data-table="(.+?)" data-column="(.+?)"/g)];
    expect(plots).toHaveLength(5);
    for (const [, table, column] of plots) {
      const behind = html.split(`<table id="${table}">`)[1]?.split('</table>')[0] ?? '';
      expect(behind, `${table}: ${column}`).toMatch(new RegExp(`data-label="${column}"><data value="\\d+">`));
      expect(behind).toContain('<th scope="row"><time datetime="');
    }
    expect(html.match(/<details class="behind-plots" open="">/g), 'open without scripts').toHaveLength(2);
    expect(html).not.toMatch(/style="|<script>/);
    expect(html.length).toBeLessThan(100_000);
    expect(readable(html)).toContain('Half were answered within 0.1 s, 95 % within 0.1 s.');
  });

  it('is refused to whoever is no administrator', async () => {
    const scene = createAdminScene();
    await scene.addSpace('jm');
    const user = await scene.signIn('jm');
    expect((await user.get('/admin')).status).toBe(403);
    expect((await user.open('/live?topic=overview')).status).toBe(204);
  });
});

const LATENCY = [
  { up_to_seconds: 0.1, count: 4_100 },
  { up_to_seconds: 1, count: 100 },
  { up_to_seconds: null, count: 3 },
];

it('keeps the last point of a past that is thinned', () => {
  const all = Array.from({ length: 1_001 }, (_, at) => at);
  expect([thinned(all, 100).length, thinned(all, 100).at(-1), thinned(all.slice(0, 3), 100)]).toEqual([
    100,
    1_000,
    [0, 1, 2],
  ]);
});

it.each([
  [0.5, 0.1],
  [0.99, 1],
  [1, null],
])('of these requests, the share %d was answered within %s s', (share, seconds) => {
  expect(withinSeconds(LATENCY, share)).toBe(seconds);
  expect(withinSeconds([], share)).toBeNull();
});
