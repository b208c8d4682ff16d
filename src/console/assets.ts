import { hash } from 'node:crypto';
import { STYLE } from './style.js';

/** What pages load besides themselves; addresses are those below `/console`. */
export interface ConsoleAssets {
  readonly style: string;
  readonly scripts: readonly string[];
  /** Answers a request for one of them; null for anything else. */
  answer(request: Request): Response | null;
}

export function createConsoleAssets(): ConsoleAssets {
  const style = `/assets/style-${hash('sha256', STYLE, 'hex').slice(0, 16)}.css`;
  return {
    style,
    scripts: [],
    answer(request) {
      if (!new URL(request.url).pathname.endsWith(style)) return null;
      return new Response(STYLE, {
        headers: { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'public, max-age=31536000, immutable' },
      });
    },
  };
}
