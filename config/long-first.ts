import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * A sequence in which these files come first of their project, by how their paths end, and the others in Vitest's order: what takes
 * long and is begun last would run while nothing else is left to do. Files of a project follow one another, since a worker ends
 * if the next file is another project's.
 */
export function longFirst(long: readonly string[]): typeof BaseSequencer {
  return class LongFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const isLong = ({ moduleId }: TestSpecification) => long.some((file) => moduleId.endsWith(file));
      const sorted = await super.sort(files);
      return [...new Set(sorted.map(({ project }) => project))].flatMap((project) => {
        const own = sorted.filter((file) => file.project === project);
        return [...own.filter(isLong), ...own.filter((file) => !isLong(file))];
      });
    }
  };
}
