import type { Page } from 'playwright-core';

/** Signs in on the page of a console with a token, and waits for the first page. */
export async function signInByToken(page: Page, url: string, token: string): Promise<void> {
  await page.goto(`${url}/console/sign-in`);
  await page.locator('summary').click();
  await page.locator('input[name=token]').fill(token);
  await page.locator('details button').click();
  await page.locator('.who').waitFor();
}
