import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { createTraffic } from '../../src/http/gate/traffic.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { describeInstalled, findProgram } from '../support/process/installed.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const FILE = new URL('../../config/grafana/ovadex-dashboard.json', import.meta.url);
const dashboard = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly panels: readonly Panel[] };
const shown = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const promtool = findProgram('promtool');
/** It takes a tenth of a second. */
const WITHIN_MS = 20_000;

/** Of a program that has answered once; those of the crawl are told without one, too, if without numbers. */
async function knownMetrics(): Promise<ReadonlyMap<string, string>> {
  const loop = { median: 0, p99: 0, max: 0 };
  const traffic = createTraffic();
  traffic.route('/v2/image')('GET', 200, 0.001);
  const crawl = () => Promise.reject(new Error('there is none'));
  const waiting = () => ({ clients: 0, streams: 0 });
  const given = { traffic: traffic.read, waiting, loop: () => loop, crawl };
  const metrics = createMetrics({ ...given, clock: () => 0, version: '1.2.3' });
  return new Map(
    [...(await metrics.render()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
}

describe('the dashboard for Grafana', () => {
  it('asks for metrics that there are, histograms by their buckets and counters by their rates', async () => {
    const known = await knownMetrics();
    expect(expressions.length).toBeGreaterThan(15);
    for (const expr of expressions) {
      for (const [name] of expr.matchAll(/\b(?:ovadex|process)_\w+/g)) {
        const type = known.get(name.replace(/_bucket$/, ''));
        expect(type, name).toBe(name.endsWith('_bucket') ? 'histogram' : name.endsWith('_total') ? 'counter' : 'gauge');
        if (type !== 'gauge') expect(expr).toMatch(new RegExp(`rate\\(${name}\\{[^}]*\\}\\[\\$__rate_interval\\]`));
      }
    }
  });

  it('shows every metric of the program but what tells its version and what says why a discovery or a link has trouble', async () => {
    const asked = expressions.join(' ');
    const missing = [...(await knownMetrics()).keys()].filter(
      (name) => name.startsWith('ovadex_') && !new RegExp(`\\b${name}(_bucket)?\\{`).test(asked),
    );
    expect(new Set(missing)).toEqual(
      new Set([
        'ovadex_build_info',
        'ovadex_discoveries',
        'ovadex_discovery_warnings',
        'ovadex_links',
        'ovadex_marker_mismatches_total',
        'ovadex_search_misses_total',
      ]),
    );
  });

  it('says of each panel what it means, and lays none over another', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, description, targets = [] } of shown) {
      expect([title, description]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\.$/)]);
      for (const { legendFormat } of targets) expect(legendFormat).not.toBe('');
    }
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});

describeInstalled('the dashboard', [promtool === null ? 'promtool (Debian: prometheus)' : null], () => {
  it('has expressions that Prometheus understands', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-dashboard-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // What Grafana fills in.
    const filled = expressions.map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'));
    const rules = filled.map((expr, at) => ({ record: `dashboard:${at}`, expr }));
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'dashboard', rules }] }));
    const check = promisify(execFile)(promtool ?? '', ['check', 'rules', 'rules.yaml'], {
      cwd: folder,
      timeout: WITHIN_MS,
    });
    expect((await check).stdout).toContain(`${rules.length} rules found`);
  });
});
