import { describe, expect, test } from 'vitest';
import { createFindingsView, type FindingsViewOptions, summaryOf } from '../../../src/cli/reports/findings-view.js';
import type { Finding } from '../../../src/domain/diagnosis/finding.js';

const finding = (severity: Finding['severity'], area: Finding['area'] = 'storage', subject = 'jm'): Finding => ({
  area,
  subject,
  severity,
  message: 'a message\u0007',
  action: severity === 'ok' ? null : 'do this',
});

function view(findings: readonly Finding[], options: FindingsViewOptions = {}): readonly string[] {
  const lines: string[] = [];
  findings.forEach(createFindingsView(options, (...more) => lines.push(...more)));
  return lines;
}

describe('the findings of doctor', () => {
  test('are problems, with what to do, and what is in order on request', () => {
    const findings = [finding('ok'), finding('problem'), finding('warning'), finding('note')];
    expect(view(findings)).toEqual([
      'PROBLEM  storage: jm: a message\\u{7}',
      '         -> do this',
      'WARNING  storage: jm: a message\\u{7}',
      '         -> do this',
      'note     storage: jm: a message\\u{7}',
      '         -> do this',
    ]);
    expect(view(findings, { verbose: true })).toContain('ok       storage: jm: a message\\u{7}');
  });

  test('what has changed since the last sync is told to whoever asks for that user', () => {
    expect(view([finding('note', 'sample')])).toEqual([]);
    expect(view([finding('note', 'sample')], { user: ['jm'] })).toHaveLength(2);
  });

  test('of one kind no more than a screen is shown', () => {
    const findings = Array.from({ length: 5_000 }, (_, i) => finding('problem', 'storage', `u${i}`));
    const lines = view([...findings, finding('warning')]);
    expect(lines).toHaveLength(20 * 2 + 1 + 2);
    expect(lines[40]).toContain('--verbose shows them all');
    expect(view(findings, { verbose: true })).toHaveLength(10_000);
  });

  test('of a message with thousands of lines the first are', () => {
    const message = Array.from({ length: 1_000 }, (_, i) => `line ${i}`).join('\n');
    const lines = view([{ ...finding('problem'), message }]);
    expect(lines.slice(-2)).toEqual(['         and 979 more; --verbose shows them all', '         -> do this']);
  });

  test('are summed up', () => {
    const findings = [finding('problem'), ...Array.from({ length: 10_004 }, () => finding('ok'))];
    expect(summaryOf(findings, {})).toEqual(['1 problem, 0 warnings, 0 notes, 10,004 ok (--verbose shows all)']);
    expect(summaryOf(findings, { verbose: true })).toEqual(['1 problem, 0 warnings, 0 notes, 10,004 ok']);
  });
});
