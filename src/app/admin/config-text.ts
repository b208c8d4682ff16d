import type { Config } from '../../config/schema.js';
import type { ConfigurationStanding } from '../../domain/diagnosis/daemon-health.js';

/** Some 100 KB of text; nobody reads more of them on a page. */
const SPACES_SHOWN = 200;

type ConfigText = Pick<ConfigurationStanding, 'text' | 'spacesLeftOut'>;

/** Writes a configuration as text, once for each that is in effect. A failure is not kept. */
export function createConfigText(write: (config: Config) => Promise<string>): (config: Config) => Promise<ConfigText> {
  let kept: { readonly config: Config; readonly text: Promise<string> } | null = null;
  return async (config) => {
    const { spaces } = config;
    const isLong = spaces.length > SPACES_SHOWN;
    const mine =
      kept?.config === config
        ? kept
        : { config, text: write(isLong ? { ...config, spaces: spaces.slice(0, SPACES_SHOWN) } : config) };
    kept = mine;
    try {
      return { text: await mine.text, spacesLeftOut: isLong ? spaces.length - SPACES_SHOWN : 0 };
    } catch (error) {
      if (kept === mine) kept = null;
      throw error;
    }
  };
}
