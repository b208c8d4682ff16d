import type { HealthCheck } from '../../domain/diagnosis/daemon-health.js';
import { toJson } from '../../domain/text/printable.js';
import type { Handle, HttpContext } from '../reply/context.js';
import { PROBLEM_TYPE, type Problem, problemBody, refuse } from '../reply/problem.js';
import { answer } from '../reply/reply.js';

/** Runs all checks, in a bounded time; never rejects. */
export type CheckHealth = () => Promise<readonly HealthCheck[]>;

/** Metrics in the text format of Prometheus. */
export interface MetricsPage {
  readonly contentType: string;
  render(): Promise<string>;
}

const TEXT_TYPE = 'text/plain; charset=utf-8';
/** A start, or an index locked by another process, takes seconds. */
const RETRY_AFTER_SECONDS = '5';

/** Tells monitoring whether the process is alive: it answers, and says no only once its crawler is gone. */
export function createLivenessHandler(isAlive: () => boolean = () => true): Handle {
  return (c) =>
    isAlive()
      ? answer(c, 200, '{"status":"alive"}')
      : refuse(c, { status: 503, detail: 'the crawler has ended unexpectedly; the daemon is ending as well' });
}

/**
 * Tells whether to send requests here: 503 while starting or stopping, and while the index can't be read. `?verbose`
 * lists the checks, as text for clients that accept text/plain.
 */
export function createReadinessHandler(check: CheckHealth): Handle {
  return async (c) => {
    const checks = await check();
    const failed = checks.filter(({ ok, required }) => required && !ok);
    const isVerbose = c.req.query('verbose') !== undefined;
    const status = failed.length === 0 ? 200 : 503;
    const headers = { 'Cache-Control': 'no-store', ...(status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS } : {}) };
    if (isVerbose && acceptsText(c)) {
      return answer(c, status, asText(checks, status === 200), { ...headers, 'Content-Type': TEXT_TYPE });
    }
    const listed = isVerbose ? { checks } : {};
    if (status === 200) return answer(c, 200, toJson({ status: 'ready', ...listed }), headers);
    const detail = `not ready: ${failed.map(({ name, detail: why }) => `${name}: ${why ?? 'failed'}`).join('; ')}`;
    return answer(c, 503, withChecks({ status, detail }, c.get('requestId'), listed), {
      ...headers,
      'Content-Type': PROBLEM_TYPE,
    });
  };
}

export function createMetricsHandler(page: MetricsPage): Handle {
  return async (c) => answer(c, 200, await page.render(), { 'Content-Type': page.contentType });
}

/** Adds the checks to a problem, which may have members of its own (RFC 9457 3.2). */
function withChecks(problem: Problem, requestId: string, listed: object): string {
  return toJson({ ...(JSON.parse(problemBody(problem, requestId)) as object), ...listed });
}

function acceptsText(c: HttpContext): boolean {
  return /\btext\/plain\b/i.test(c.req.header('accept') ?? '');
}

function asText(checks: readonly HealthCheck[], isReady: boolean): string {
  const lines = checks.map(({ name, ok, required, detail }) => {
    const remark = ok ? 'ok' : `failed${required ? '' : ' (answers do not depend on it)'}: ${detail ?? ''}`;
    return `[${ok ? '+' : '-'}] ${name} ${remark}`;
  });
  return `${[...lines, isReady ? 'ready' : 'not ready'].join('\n')}\n`;
}
