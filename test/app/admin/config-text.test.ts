import { expect, it } from 'vitest';
import { createConfigText } from '../../../src/app/admin/config-text.js';
import type { Config } from '../../../src/config/schema.js';

const withSpaces = (count: number) => ({ spaces: Array.from({ length: count }, (_, at) => at) }) as unknown as Config;

it('writes a configuration once for all who ask, and another one anew', async () => {
  let written = 0;
  const textOf = createConfigText(async () => `text ${++written}`);
  const [one, other] = [withSpaces(1), withSpaces(1)];
  const texts = [...(await Promise.all([textOf(one), textOf(one)])), await textOf(other)].map(({ text }) => text);
  expect(texts).toEqual(['text 1', 'text 1', 'text 2']);
});

it('leaves out spaces above two hundred, and says how many', async () => {
  const textOf = createConfigText(async ({ spaces }) => String(spaces.length));
  expect(await textOf(withSpaces(200))).toEqual({ text: '200', spacesLeftOut: 0 });
  expect(await textOf(withSpaces(207))).toEqual({ text: '200', spacesLeftOut: 7 });
});

it('tries again after a failure', async () => {
  const answers = [Promise.reject(new Error('no memory')), Promise.resolve('text')];
  const textOf = createConfigText(() => answers.shift() ?? Promise.resolve(''));
  const config = withSpaces(1);
  await expect(textOf(config)).rejects.toThrow('no memory');
  expect((await textOf(config)).text).toBe('text');
});
