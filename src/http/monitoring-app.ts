import { Hono } from 'hono';
import type { Logger } from 'pino';
import { createObserver } from './gate/request-log.js';
import { createTraffic } from './gate/traffic.js';
import {
  type CheckHealth,
  createLivenessHandler,
  createMetricsHandler,
  createReadinessHandler,
  type MetricsPage,
} from './handlers/health.js';
import { createResources, routedPath } from './openapi/route.js';
import type { HttpEnv } from './reply/context.js';
import { refuse } from './reply/problem.js';

/**
 * Creates the app for monitoring, with a listener of its own: that address decides who may reach it, so no token is
 * needed. Its own requests are not counted. Without `metrics` it tells only how the daemon is.
 */
export function createMonitoringApp(deps: {
  readonly checkHealth: CheckHealth;
  /** Returns false in the last seconds of a process whose crawler has ended; if left out, every answer means alive. */
  readonly isAlive?: () => boolean;
  readonly metrics: MetricsPage | null;
  readonly logger: Logger;
}): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>({ getPath: routedPath });
  const observe = createObserver(deps);
  const traffic = createTraffic();
  const { put: resource } = createResources(app, observe, traffic);
  resource('/livez', { GET: ['liveness', createLivenessHandler(deps.isAlive)] });
  resource('/readyz', { GET: ['readiness', createReadinessHandler(deps.checkHealth)] });
  if (deps.metrics !== null) resource('/metrics', { GET: ['metrics', createMetricsHandler(deps.metrics)] });
  const nothing = traffic.route('none');
  app.notFound(observe((c) => refuse(c, { status: 404, detail: `there is nothing at ${c.req.path}` }), nothing));
  return app;
}
