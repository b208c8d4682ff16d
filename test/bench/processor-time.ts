/**
 * How long this thread works at something, in ms, at most: the clock also counts what other programs took the
 * processor away for, the processor time what helper threads did meanwhile, so it is the lesser of both. On a
 * busy machine the clock alone tells little else in a high percentile.
 */
export async function processorMs(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.min(performance.now() - startedAt, (user + system) / 1000);
}
