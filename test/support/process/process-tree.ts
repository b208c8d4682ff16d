import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { hasEnded } from '../servers/server-process.js';

/** A server is there within a second or two; a loaded machine may take longer. */
const READY_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 25;

/**
 * Ends a program of many processes by a signal to the first of them, and waits until all are gone. Those that are left
 * after `withinMs` are killed.
 */
export async function endAll(child: ChildProcess, signal: NodeJS.Signals, withinMs: number): Promise<void> {
  if (child.pid === undefined) return;
  const others = childrenOf(child.pid);
  const ended = hasEnded(child) ? null : once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await ended;
  clearTimeout(timer);
  const areGone = async () => others.every((pid) => !isAlive(pid));
  await until(areGone, 'the end of its processes', withinMs).catch(() => {
    for (const pid of others) sendSignal(pid, 'SIGKILL');
  });
  await until(areGone, 'the end of its processes');
}

/** Sends a signal to the first process of a program, then to those that it has started, so that none is missed. */
export function signalAll(child: ChildProcess, signal: 'SIGSTOP' | 'SIGCONT'): void {
  if (child.pid === undefined || hasEnded(child)) return;
  child.kill(signal);
  for (const pid of childrenOf(child.pid)) sendSignal(pid, signal);
}

function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

function isAlive(pid: number): boolean {
  return sendSignal(pid, 0);
}

function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until something is so, which is looked at often; throws if it isn't in time. `what` names it in that error. */
export async function until(isSo: () => Promise<boolean>, what: string, withinMs = READY_WITHIN_MS): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}
