import { checkConfig } from '../config/load.js';
import type { diagnose as diagnoseAll } from '../doctor.js';
import { type Area, type Finding, type Severity, well } from '../domain/diagnosis.js';
import { OvadexError } from '../domain/errors.js';
import { createLogger } from '../platform/logger.js';
import { signalExitCode } from '../platform/shutdown.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { interruptible } from './interruptible.js';
import { type Io, printable, writeJson, writeLines } from './io.js';

export interface DoctorOptions {
  readonly config: string;
  readonly json?: boolean;
}

type Diagnose = typeof diagnoseAll;

/** What a problem ends the command with, the gravest first; those of the index have codes of their own. */
const CODES: readonly (readonly [Area, number])[] = [
  ['configuration', EXIT.config],
  ['index', EXIT.index],
  ['files', EXIT.forbidden],
  ['disk', EXIT.index],
  ['storage', EXIT.storage],
  ['space', EXIT.incomplete],
];
const MARKS: Readonly<Record<Severity, string>> = { ok: 'ok', note: 'note', warning: 'WARNING', problem: 'PROBLEM' };

/** `ovadex doctor`: what is wrong, and what to do about each thing. Asks storages, changes nothing. */
export async function doctor(options: DoctorOptions, io: Io, diagnose: Diagnose): Promise<number> {
  const logger = createLogger({ level: 'error', format: 'auto', destination: io.stderr });
  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    const { findings, code } = await examine(options.config, io, diagnose, signal);
    if (options.json === true) writeJson(io.stdout, { ok: code === EXIT.ok, exit_code: code, findings });
    else writeLines(io.stdout, ...findings.flatMap(linesOf), summaryOf(findings));
    return code;
  });
}

async function examine(file: string, io: Io, diagnose: Diagnose, signal: AbortSignal) {
  try {
    const credentialsDirectory = io.env['CREDENTIALS_DIRECTORY'];
    const { config, warnings } = await checkConfig(file, { credentialsDirectory });
    const own = [well('configuration', file, 'valid'), ...warnings.map((warning) => fromWarning(file, warning))];
    const { findings, indexTrouble } = await diagnose(config, signal);
    const all = [...own, ...findings];
    return { findings: all, code: codeOf(all, indexTrouble === null ? null : new OvadexError(indexTrouble, '')) };
  } catch (error) {
    if (!(error instanceof OvadexError && error.code === 'config')) throw error;
    const action = 'put each of these lines right; config/ovadex.example.yaml explains every key';
    const finding: Finding = {
      area: 'configuration',
      subject: file,
      severity: 'problem',
      message: error.message,
      action,
    };
    return { findings: [finding], code: EXIT.config };
  }
}

/** What is allowed but hardly meant; behind its semicolon a warning says what ends it. */
function fromWarning(file: string, warning: string): Finding {
  const [message = warning, action] = warning.split(/; (?=[^;]*$)/);
  return { area: 'configuration', subject: file, severity: 'warning', message, action: action ?? `change ${file}` };
}

function codeOf(findings: readonly Finding[], indexTrouble: OvadexError | null): number {
  const problems = new Set(findings.filter(({ severity }) => severity === 'problem').map(({ area }) => area));
  for (const [area, code] of CODES) {
    if (problems.has(area)) return area === 'index' && indexTrouble !== null ? exitCodeOf(indexTrouble) : code;
  }
  return problems.size > 0 || findings.some(({ severity }) => severity === 'warning') ? EXIT.incomplete : EXIT.ok;
}

function linesOf({ area, subject, severity, message, action }: Finding): readonly string[] {
  // A message about a configuration has a line for each problem.
  const [first = '', ...others] = message.split('\n').map(printable);
  const told = `${MARKS[severity].padEnd('PROBLEM'.length)}  ${area}: ${printable(subject)}: ${first}`;
  return [
    told,
    ...others.map((line) => `         ${line}`),
    ...(action === null ? [] : [`         -> ${printable(action)}`]),
  ];
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return `${count('problem')} problems, ${count('warning')} warnings, ${count('note')} notes, ${count('ok')} in order`;
}
