import { type CheckedConfig, checkConfig } from '../../config/load.js';
import { withUsers } from '../../config/with-users.js';
import type { diagnose as diagnoseAll } from '../../doctor/diagnose.js';
import { type Area, type Finding, ok } from '../../domain/diagnosis/finding.js';
import { type ErrorCode, OvadexError } from '../../domain/model/errors.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { createLogger } from '../../platform/log/logger.js';
import { signalExitCode } from '../../platform/shutdown.js';
import { createFindingsView, summaryOf } from '../reports/findings-view.js';
import { EXIT, exitCodeOf } from '../terminal/exit-code.js';
import { interruptible } from '../terminal/interruptible.js';
import { type Io, writeJson, writeLines } from '../terminal/io.js';
import { createProgressLine } from '../terminal/progress-line.js';

export interface DoctorOptions {
  readonly config: string;
  readonly user?: readonly string[];
  readonly verbose?: boolean;
  readonly json?: boolean;
}

type Diagnose = typeof diagnoseAll;

/** Exit codes by area of the problem, the gravest first; those of the index have codes of their own. */
const CODES: readonly (readonly [Area, number])[] = [
  ['configuration', EXIT.config],
  ['index', EXIT.index],
  ['files', EXIT.forbidden],
  ['disk', EXIT.index],
  ['storage', EXIT.storage],
  ['space', EXIT.incomplete],
];

/** `ovadex doctor`: reports each problem as it is found, and how to fix it. Asks the storages, changes nothing. */
export async function doctor(options: DoctorOptions, io: Io, diagnose: Diagnose): Promise<number> {
  const logger = createLogger({ level: 'error', format: 'auto', destination: io.stderr });
  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    const findings: Finding[] = [];
    const progress = createProgressLine(io.stderr);
    const show = createFindingsView(options, (...lines) => {
      progress.clear();
      writeLines(io.stdout, ...lines);
    });
    const tell = (finding: Finding) => {
      findings.push(finding);
      if (options.json !== true) show(finding);
    };
    const onProgress = (asked: number, of: number) =>
      progress.show(`${grouped(asked)} of ${counted(of, 'space')} examined`);
    const indexTrouble = await examine(options, io, diagnose, { tell, onProgress, signal }).finally(progress.clear);
    const code = codeOf(findings, indexTrouble === null ? null : new OvadexError(indexTrouble, ''));
    if (options.json === true) writeJson(io.stdout, { ok: code === EXIT.ok, exit_code: code, findings });
    else writeLines(io.stdout, ...summaryOf(findings, options));
    return code;
  });
}

/** Returns the error that makes the index unusable, or null. */
async function examine(
  { config: file, user }: DoctorOptions,
  io: Io,
  diagnose: Diagnose,
  examining: Omit<Parameters<Diagnose>[1], 'users'>,
): Promise<ErrorCode | null> {
  const { tell } = examining;
  const checked = await check(file, io, tell);
  if (checked === null) return null;
  tell(ok('configuration', file, 'valid'));
  for (const warning of checked.warnings) tell(fromWarning(file, warning));
  return await diagnose(checked.config, { ...examining, users: user ?? null });
}

/** Returns null for an unusable configuration, after reporting why. */
async function check(file: string, io: Io, tell: (finding: Finding) => void): Promise<CheckedConfig | null> {
  try {
    return await withUsers(await checkConfig(file, { credentialsDirectory: io.env['CREDENTIALS_DIRECTORY'] }));
  } catch (error) {
    if (!(error instanceof OvadexError && error.code === 'config')) throw error;
    const action = 'correct each of these lines; ovadex.yaml(5) and ovadex.example.yaml explain every key';
    // It names the file itself, which is the subject.
    const message = error.message.replace(`${file}: `, '');
    tell({ area: 'configuration', subject: file, severity: 'problem', message, action });
    return null;
  }
}

/** Splits a warning about something allowed but probably unintended: the text after its semicolon says how to fix it. */
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
