import { execFileSync } from 'node:child_process';

/** Makes a named pipe. Node has no call for that: the one program that integration tests start. */
export function makePipe(path: string): void {
  execFileSync('mkfifo', [path]);
}
