import type { Finding, Severity } from '../../../domain/diagnosis/finding.js';
import type { AuditJson, BackupJson, HealthJson, ReloadJson } from '../../../wire/daemon.js';
import type { Tone } from '../../parts/badge.js';
import { sentence } from '../../parts/notice.js';
import { sizeText } from '../../parts/size.js';
import { TEXTS } from '../../texts/texts.js';
import type { Answer } from '../../visit/ask.js';
import type { Notice } from '../../visit/sessions.js';

const { backups, configuration } = TEXTS.admin;

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  problem: 'bad',
  warning: 'waiting',
  note: 'plain',
  ok: 'good',
};
/** The gravest first. */
const SEVERITIES = Object.keys(SEVERITY_TONES) as readonly Severity[];

export type Verdict = keyof typeof TEXTS.admin.health.verdicts;
export const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  down: 'bad',
  problem: 'bad',
  warning: 'waiting',
  well: 'good',
};

/** Returns how the daemon is as a whole: the gravest of all that was checked and found. */
export function verdictOf({
  checks,
  findings,
  backups: { last_failure: failure },
  configuration: { refused, pending },
}: Pick<HealthJson, 'checks' | 'findings'> & {
  readonly backups: Pick<HealthJson['backups'], 'last_failure'>;
  readonly configuration: Pick<HealthJson['configuration'], 'refused' | 'pending'>;
}): Verdict {
  if (checks.some(({ ok, required }) => required && !ok)) return 'down';
  const isAny = (wanted: Severity) => findings.some(({ severity }) => severity === wanted);
  if (isAny('problem') || checks.some(({ ok }) => !ok)) return 'problem';
  const isLeftUndone = failure !== null || refused !== null || pending !== null;
  return isLeftUndone || isAny('warning') ? 'warning' : 'well';
}

/** Returns findings that tell a person something, the gravest first, and those that don't. */
export function sortedOut(findings: readonly Finding[]): {
  readonly telling: readonly Finding[];
  readonly well: readonly Finding[];
} {
  const gravity = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  const telling = findings.filter(({ severity }) => severity !== 'ok').sort((a, b) => gravity(a) - gravity(b));
  return { telling, well: findings.filter(({ severity }) => severity === 'ok') };
}

/** Returns what an act was done to and how: "user: jm, mode: full"; what has no value is left out. */
export function detailsText(details: AuditJson['details']): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

/** Tells what came of a backup. */
export function backupNotice(answer: Answer<BackupJson>): Notice {
  if (!answer.isGood) return { kind: 'trouble', text: sentence(answer.detail) };
  const { name, size } = answer.data;
  if (size === null) return { kind: 'done', text: `${backups.beingMade} ${name}.` };
  return { kind: 'done', text: `${backups.made} ${name}, ${sizeText(size)}.` };
}

/** Tells what came of a reload: what is in effect now, and what is not yet and why. */
export function reloadNotice(answer: Answer<ReloadJson>): Notice {
  if (!answer.isGood) return { kind: 'trouble', text: sentence(answer.detail) };
  const { state, changed, waits_for_restart: waits, warnings, reason } = answer.data;
  if (state === 'pending') {
    const told = `${configuration.notYet} ${sentence(reason ?? '')} ${configuration.pendingText}`;
    return { kind: 'trouble', text: told };
  }
  const inEffect = changed.filter((section) => !waits.includes(section));
  const parts = [
    ...(changed.length === 0 ? [configuration.unchanged] : []),
    ...(inEffect.length === 0 ? [] : [`${configuration.nowInEffect} ${inEffect.join(', ')}.`]),
    ...(waits.length === 0 ? [] : [`${configuration.waiting} ${waits.join(', ')}.`]),
    ...(warnings.length === 0 ? [] : [configuration.warned]),
  ];
  return { kind: 'done', text: parts.join(' ') };
}
