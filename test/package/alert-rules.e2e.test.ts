import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCrawlTally } from '../../src/crawl/crawl-metrics.js';
import type { CrawlMeasurements } from '../../src/domain/model/measurements.js';
import { createTraffic } from '../../src/http/gate/traffic.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { describeInstalled, findProgram } from '../support/process/installed.js';
import { isThorough } from '../support/thorough.js';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const RULES = fileOf('../../config/prometheus/ovadex-rules.yaml');
const CASES = fileOf('../fixtures/alert-rules.yaml');
/** It takes a second; a busy machine takes longer. */
const WITHIN_MS = 60_000;

interface RuleFile {
  readonly groups: { readonly rules: { alert: string; expr: string; labels: object; annotations: object }[] }[];
}

const rules = (parse(readFileSync(RULES, 'utf8')) as RuleFile).groups.flatMap((group) => group.rules);

const LOOP = { median: 0, p99: 0, max: 0 };
const CRAWL: CrawlMeasurements = {
  counts: createCrawlTally().read(),
  totals: {
    spaces: new Map([['fresh', 1]]),
    images: 1,
    imagesByState: new Map([['ok', 1]]),
    collections: 1,
    heldImages: 0,
    waitingSyncs: 0,
    runningSyncs: 0,
    oldestSuccessAt: 1,
    oldestUser: 'jm',
    lastTrouble: null,
    medianSuccessAt: 1,
    storages: [{ origin: 'https://x', spaces: 1, age: { sum: 1, max: 1 }, expectedAge: { sum: 1, max: 1 } }],
    storedBytes: 1,
    unmergedBytes: 1,
  },
  loop: LOOP,
};

async function scrape(crawl: () => Promise<CrawlMeasurements>): Promise<string> {
  const traffic = createTraffic();
  traffic.route('/v2/image')('GET', 200, 0.001);
  return await createMetrics({
    traffic: traffic.read,
    waiting: () => ({ clients: 0, streams: 0 }),
    loop: () => LOOP,
    crawl,
    clock: () => 0,
    version: '1.2.3',
  }).render();
}

describe('the alert rules', () => {
  it('use metrics that there are', async () => {
    const text = await scrape(() => Promise.reject(new Error('there is none')));
    const known = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    );
    for (const { expr } of rules) {
      for (const [name] of expr.matchAll(/\bovadex_\w+/g)) expect(known).toContain(name);
    }
  });

  it('each say what happened and what to do', () => {
    for (const { annotations, labels } of rules) {
      expect(annotations).toEqual({ summary: expect.any(String) as string, action: expect.any(String) as string });
      expect(labels).toMatchObject({ severity: expect.stringMatching(/^(critical|warning|info)$/) as string });
    }
  });
});

const promtool = findProgram('promtool');

describeInstalled(
  'the alert rules, as Prometheus has them',
  [promtool === null ? 'promtool (Debian: prometheus)' : null],
  () => {
    const run = (...args: readonly string[]) =>
      new Promise<{ code: number; out: string }>((resolve) => {
        execFile(promtool ?? '', args, { timeout: WITHIN_MS }, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : 1, out: stdout + stderr }),
        );
      });

    const faultsIn = (text: string) =>
      new Promise<readonly string[]>((resolve) => {
        const child = execFile(promtool ?? '', ['check', 'metrics'], { timeout: WITHIN_MS }, (_error, stdout, stderr) =>
          resolve((stdout + stderr).trim().split('\n')),
        );
        child.stdin?.end(text);
      });

    it('are well-formed', async () => {
      expect(await run('check', 'rules', RULES)).toMatchObject({
        code: 0,
        out: expect.stringContaining('SUCCESS') as string,
      });
    });

    it('are about metrics that Prometheus finds no fault with', async () => {
      const text = await scrape(() => Promise.resolve(CRAWL));
      const faults = await faultsIn(text);
      // Those of Node itself come from prom-client.
      expect(faults.filter((line) => line.startsWith('ovadex_'))).toEqual([]);
      const lame = text.replaceAll('ovadex_http_requests_total', 'ovadex_http_requests');
      expect((await faultsIn(lame)).join()).toContain(
        'ovadex_http_requests counter metrics should have "_total" suffix',
      );
    });

    it('come when they should, and not on a good day', { timeout: WITHIN_MS }, async () => {
      expect(await run('test', 'rules', CASES)).toMatchObject({ code: 0 });
    });

    it.runIf(isThorough)('would each be missed', { timeout: WITHIN_MS }, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'ovadex-rules-'));
      try {
        // Under other names all of them at once: the cases have to miss each by its own.
        const lame = readFileSync(RULES, 'utf8').replace(/alert: (\w+)\n/g, 'alert: $1Never\n');
        writeFileSync(join(directory, 'rules.yaml'), lame);
        const cases = readFileSync(CASES, 'utf8').replace(/rule_files: .*/, 'rule_files: [rules.yaml]');
        writeFileSync(join(directory, 'cases.yaml'), cases);
        const { code, out } = await run('test', 'rules', join(directory, 'cases.yaml'));
        expect(code).toBe(1);
        const namesIn = (what: string) => {
          const [, line = ''] = new RegExp(`^ +${what}: (\\{alertname=.*)$`, 'm').exec(out) ?? [];
          return new Set([...line.matchAll(/alertname="(\w+)"/g)].map(([, name]) => name));
        };
        const alerts = rules.map(({ alert }) => alert);
        expect(namesIn('exp')).toEqual(new Set(alerts));
        expect(namesIn('got')).toEqual(new Set(alerts.map((alert) => `${alert}Never`)));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  },
);
