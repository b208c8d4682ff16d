import { expect, test } from 'vitest';
import { readImage } from '../../src/ovf/read-image.js';
import { expectValues } from '../support/ovf/expect-values.js';
import { genuineFiles, whyNoGenuine } from '../support/ovf/genuine.js';
import { memorySource } from '../support/ovf/memory-source.js';
import { describeInstalled } from '../support/process/installed.js';

describeInstalled('genuine images', [whyNoGenuine], () => {
  const images = genuineFiles().filter(({ kind }) => kind !== 'mf');

  test.each(images.filter(({ values }) => values !== null))(
    '$file says what it says',
    async ({ file, bytes, values }) => {
      const attempt = await readImage(file, bytes.length, memorySource(bytes));
      if (attempt.kind !== 'read' || attempt.reading.kind !== 'described' || values === null) {
        expect.fail(JSON.stringify(attempt));
      }
      expectValues(attempt.reading.descriptor, values);
    },
  );

  test.each(images.filter(({ values }) => values === null))('$file is broken', async ({ file, bytes, parse }) => {
    const attempt = await readImage(file, bytes.length, memorySource(bytes));
    const reason = { 'xml-error': /^invalid-xml: /, 'no-ovf': /^no-descriptor$/, 'not-tar': /^not-an-ova: / };
    expect(attempt).toMatchObject({
      reading: { kind: 'broken', reasons: [expect.stringMatching(reason[parse as keyof typeof reason])] },
    });
  });

  test('they take 1.2 requests and 40 KB each at most', async () => {
    const costs = [];
    for (const { file, bytes } of images) {
      const source = memorySource(bytes);
      await readImage(file, bytes.length, source);
      costs.push(source.cost());
    }
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(costs.map(({ requests }) => requests))).toBeLessThanOrEqual(1.2);
    expect(mean(costs.map(({ bytes }) => bytes))).toBeLessThanOrEqual(40_000);
  });
});
