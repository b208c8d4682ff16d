import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What WCAG 2.2 asks for up to level AA, and what its authors recommend beside it. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Results {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/**
 * What axe finds fault with on a page, each in a line; `but` are selectors of what others are answerable for, `onlyColours`
 * is for a page that was looked at already in other colours.
 */
export async function accessibilityFaults(
  page: Page,
  but: readonly string[] = [],
  { onlyColours = false } = {},
): Promise<readonly string[]> {
  // By the debugger's own way, which no Content-Security-Policy stops.
  await page.evaluate(`window.axe === undefined && (() => { ${AXE} })()`);
  const context = { exclude: but.map((each) => [each]) };
  const options = { runOnly: onlyColours ? ['color-contrast'] : { type: 'tag', values: TAGS } };
  const results = await page.evaluate(`axe.run(${JSON.stringify(context)}, ${JSON.stringify(options)})`);
  return (results as Results).violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' ')}`,
  );
}
