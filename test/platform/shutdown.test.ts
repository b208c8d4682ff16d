import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { onShutdown, type StopSignal, signalExitCode } from '../../src/platform/shutdown.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(stop: (signal: StopSignal) => Promise<number>, onHangUp?: () => boolean) {
  const process = new EventEmitter();
  const exits: number[] = [];
  const logged: string[] = [];
  const log = (level: string) => (_details: object, message: string) => void logged.push(`${level}: ${message}`);
  const logger = { info: log('info'), error: log('error'), fatal: log('fatal') };
  const release = onShutdown(stop, { process, exit: (code) => exits.push(code), timeoutMs: 10_000, onHangUp, logger });
  return { process, exits, logged, release };
}

const never = () => new Promise<number>(() => {});

describe('a shutdown', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s stops once and exits with the code of stop',
    async (signal) => {
      const stop = vi.fn(() => Promise.resolve(7));
      const { process, exits } = watch(stop);
      process.emit(signal);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(stop).toHaveBeenCalledExactlyOnceWith(signal);
      expect(exits).toEqual([7]);
    },
  );

  test('comes with SIGHUP only where that means nothing else', async () => {
    const stop = vi.fn(() => Promise.resolve(0));
    const answers = [true, false];
    const { process, exits } = watch(stop, () => answers.shift() ?? false);
    process.emit('SIGHUP');
    expect(stop).not.toHaveBeenCalled();
    process.emit('SIGHUP');
    await vi.advanceTimersByTimeAsync(0);
    expect(exits).toEqual([0]);
  });

  test('is forced by a second signal, which a shell sees', () => {
    const { process, exits } = watch(never);
    process.emit('SIGTERM');
    expect(exits).toEqual([]);
    process.emit('SIGINT');
    process.emit('SIGINT');
    expect(exits).toEqual([signalExitCode('SIGINT')]);
  });

  test('is forced when stopping takes too long', async () => {
    const { process, exits, logged } = watch(never);
    process.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(9_999);
    expect(exits).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(exits).toEqual([143]);
    expect(logged.at(-1)).toContain('10000 ms');
  });

  test('that fails is logged and exits with 70', async () => {
    const { process, exits, logged } = watch(() => Promise.reject(new Error('stuck')));
    process.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(0);
    expect(exits).toEqual([70]);
    expect(logged.at(-1)).toMatch(/^fatal/);
  });

  test.each(['uncaughtException', 'unhandledRejection'])('comes with %s, logged, exit code 70', (event) => {
    const { process, exits, logged } = watch(never);
    process.emit(event, new Error('surprise'));
    expect(exits).toEqual([70]);
    expect(logged).toEqual([expect.stringMatching(/^fatal/)]);
  });

  test('lets go of the process when released', () => {
    const { process, release } = watch(never);
    release();
    expect(process.eventNames()).toEqual([]);
  });
});

test('exit codes of signals are those of a shell', () => {
  expect([signalExitCode('SIGHUP'), signalExitCode('SIGINT'), signalExitCode('SIGTERM')]).toEqual([129, 130, 143]);
});
