import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * A sequence in which these files come first, by how their paths end, and the others in Vitest's order: what takes long and is
 * begun last would run while nothing else is left to do.
 */
export function longFirst(long: readonly string[]): typeof BaseSequencer {
  return class LongFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const isLong = ({ moduleId }: TestSpecification) => long.some((file) => moduleId.endsWith(file));
      const sorted = await super.sort(files);
      return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
    }
  };
}
