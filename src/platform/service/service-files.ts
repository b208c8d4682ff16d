import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The paths of the service's files on a machine. */
export const PLACES = {
  unit: '/etc/systemd/system/ovadex.service',
  socket: '/etc/systemd/system/ovadex.socket',
  account: '/etc/sysusers.d/ovadex.conf',
  configuration: '/etc/ovadex/ovadex.yaml',
  configurationDirectory: '/etc/ovadex',
  dataDirectory: '/var/lib/ovadex',
} as const;

const CONFIG = new URL('../../../config/', import.meta.url);
const SIGNED = /^# Written by ovadex [^\n]*; sha256 of what follows: ([0-9a-f]{64})\n/;

/** The words that start the daemon: node and the program's main file. */
export type Program = readonly [string, string];

/** The files that belong to the program, so that a later version may replace them. */
export function ownFiles(program: Program, version: string): readonly { path: string; content: string }[] {
  return [
    { path: PLACES.account, content: sign(shipped('systemd/ovadex.sysusers'), version) },
    { path: PLACES.socket, content: sign(shipped('systemd/ovadex.socket'), version) },
    { path: PLACES.unit, content: sign(unitFor(program), version) },
  ];
}

/** A valid configuration without any spaces. */
export function starterConfiguration(): string {
  return shipped('ovadex.starter.yaml');
}

/** Whether a file is unchanged since some version of the program wrote it. */
export function isAsWritten(content: string): boolean {
  const match = SIGNED.exec(content);
  return match !== null && match[1] === digest(content.slice(match[0].length));
}

function sign(content: string, version: string): string {
  return `# Written by ovadex ${version}; sha256 of what follows: ${digest(content)}\n${content}`;
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function shipped(file: string): string {
  return readFileSync(new URL(file, CONFIG), 'utf8');
}

function unitFor(program: Program): string {
  const words = [...program, 'serve', '--config', PLACES.configuration];
  return shipped('systemd/ovadex.service').replace(/^ExecStart=.*$/m, () => `ExecStart=${words.map(word).join(' ')}`);
}

/** Quotes a word of a command line for systemd.service(5). */
function word(text: string): string {
  const literal = text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(literal) ? literal : `"${literal}"`;
}
