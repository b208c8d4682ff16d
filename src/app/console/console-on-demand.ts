import type { Config } from '../../config/schema.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { HttpDeps } from '../../http/app.js';
import type { Fetch } from '../../http/reply/context.js';

/** Returns the pages for people; null if they are off. Their code is loaded for whoever opens one first. */
export function consoleOf({ server }: Pick<Config, 'server'>, clock: Clock): HttpDeps['console'] & (object | null) {
  if (!server.console) return null;
  return (api, atStop): Fetch => {
    const load = async () => {
      const [{ createConsole }, { createConsoleAssets }] = await Promise.all([
        import('../../console/console.js'),
        import('../../console/assets.js'),
      ]);
      return createConsole({ api, publicUrl: server.publicUrl, assets: await createConsoleAssets(), clock, atStop });
    };
    let made: ReturnType<typeof load> | undefined;
    return async (request, bindings) => {
      made ??= load();
      return (await made)(request, bindings);
    };
  };
}
