import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { HttpEnv } from './context.js';
import {
  type CheckHealth,
  createLivenessHandler,
  createMetricsHandler,
  createReadinessHandler,
  type MetricsPage,
} from './health.js';
import { createObserver } from './observe.js';
import { refuse } from './problem.js';
import { createResources } from './resource.js';
import { routedPath } from './target-path.js';
import { createTraffic } from './traffic.js';

/**
 * What machines that watch ask for, for a listener of its own: who may reach it is decided by where it listens, so
 * nobody needs a token. Its own requests are counted nowhere.
 */
export function createMachineApp(deps: {
  readonly checkHealth: CheckHealth;
  /** false for the last seconds of a process whose crawler has ended; not given: as long as there is an answer. */
  readonly isAlive?: () => boolean;
  readonly metrics: MetricsPage;
  readonly logger: Logger;
}): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>({ getPath: routedPath });
  const observe = createObserver(deps.logger, null);
  const traffic = createTraffic();
  const { put: resource } = createResources(app, observe, traffic);
  resource('/livez', { GET: ['liveness', createLivenessHandler(deps.isAlive)] });
  resource('/readyz', { GET: ['readiness', createReadinessHandler(deps.checkHealth)] });
  resource('/metrics', { GET: ['metrics', createMetricsHandler(deps.metrics)] });
  const nothing = traffic.route('none');
  app.notFound(observe((c) => refuse(c, { status: 404, detail: `there is nothing at ${c.req.path}` }), nothing));
  return app;
}
