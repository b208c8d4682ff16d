import { readListenAddress } from '../../config/listen.js';
import { askReadiness, nameOfAddress } from '../../platform/ask-readiness.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, printable, writeLines } from '../terminal/io.js';

/** `ovadex healthcheck`: tells container engines and scripts whether the daemon of this configuration is ready. */
export async function healthcheck(options: { readonly config: string }, io: Io): Promise<number> {
  const address = await readListenAddress(options.config);
  const { isReady, detail } = await askReadiness(address);
  writeLines(isReady ? io.stdout : io.stderr, `${nameOfAddress(address)}: ${printable(detail)}`);
  return isReady ? EXIT.ok : EXIT.unhealthy;
}
