import type { Logger } from 'pino';
import type { ProcessTokens } from '../../auth/process-tokens.js';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { HttpDeps } from '../../http/app.js';
import type { Fetch } from '../../http/reply/context.js';
import { onDemand } from '../demand/on-demand.js';

export interface ConsoleSurroundings {
  readonly processTokens: ProcessTokens;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Returns the pages for people; null if they are off. Their code is loaded for whoever opens one first. */
export function consoleOf(
  { server, auth }: Pick<Config, 'server' | 'auth'>,
  { processTokens, clock, logger }: ConsoleSurroundings,
): HttpDeps['console'] & (object | null) {
  if (!server.console) return null;
  const { publicUrl } = server;

  const signIns = async () => {
    const { createIssuerSignIn } = await import('../../auth/issuer-sign-in.js');
    const redirectUrl = `${publicUrl}/console/sign-in/callback`;
    return auth.issuers.flatMap(({ signIn, ...settings }) =>
      signIn === null
        ? []
        : [createIssuerSignIn({ ...settings, signIn }, { redirectUrl, tokens: processTokens, clock, logger })],
    );
  };

  return (api, atStop): Fetch => {
    const { get } = onDemand(async () => {
      const [{ createConsole }, { createConsoleAssets }] = await Promise.all([
        import('../../console/console.js'),
        import('../../console/assets.js'),
      ]);
      return createConsole({
        api,
        publicUrl,
        assets: await createConsoleAssets(),
        signIns: publicUrl === null ? [] : await signIns(), // issuers send browsers back to that address
        endToken: processTokens.end,
        clock,
        atStop,
        logger,
      });
    });
    return async (request, bindings) => (await get())(request, bindings);
  };
}
