import { expect, it } from 'vitest';
import { DURABILITY_SETTINGS, diagnoseDurability } from '../../../src/domain/diagnosis/durability.js';

it('each setting that is off is warned of, with what it may cost and what to do', () => {
  const findings = diagnoseDurability('postgres://db/', DURABILITY_SETTINGS);
  expect(findings.map(({ severity, action }) => `${severity}: ${action}`)).toEqual([
    'warning: switch synchronous_commit on at the server',
    'warning: switch fsync on at the server',
    'warning: switch full_page_writes on at the server',
  ]);
  expect(findings.every(({ subject, message }) => subject === 'postgres://db/' && message.includes(' is off: '))).toBe(
    true,
  );
});

it('nothing is said of a server that has all of them on, nor of other settings', () => {
  expect(diagnoseDurability('postgres://db/', [])).toEqual([]);
  expect(diagnoseDurability('postgres://db/', ['jit'])).toEqual([]);
});
