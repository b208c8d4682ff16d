import { expect, test } from 'vitest';
import { createNotes } from '../../src/ovf/descriptor/notes.js';
import { readDescriptor } from '../../src/ovf/read-descriptor.js';
import { expectValues } from '../support/ovf/expect-values.js';
import { genuineFiles, whyNoGenuine } from '../support/ovf/genuine.js';
import { describeInstalled } from '../support/process/installed.js';

const files = genuineFiles();

describeInstalled('genuine descriptors', [whyNoGenuine], () => {
  const descriptors = files.filter(({ kind }) => kind === 'ovf');

  test.each(descriptors.filter(({ values }) => values !== null))('$file says what it says', ({ bytes, values }) => {
    const read = readDescriptor(bytes, createNotes());
    if (read.kind !== 'described' || values === null) expect.fail(JSON.stringify(read));
    expectValues(read.descriptor, values);
  });

  test.each(descriptors.filter(({ values }) => values === null))('$file is no XML', ({ bytes }) => {
    expect(readDescriptor(bytes, createNotes())).toMatchObject({ kind: 'broken', reason: 'invalid-xml' });
  });
});
